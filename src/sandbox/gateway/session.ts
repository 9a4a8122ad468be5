import { randomBytes } from 'node:crypto'
import { GatewayOpcodes } from 'discord-api-types/v10'
import { WebSocket } from 'ws'
import type { Actor } from '../types.ts'

/** A session can replay this many events; a client that missed more must identify again. */
const MAX_REPLAY_EVENTS = 1_000
/** The time during which a session waits for its client to come back. */
const SESSION_TTL_MS = 180_000

interface Sent {
  readonly s: number
  readonly text: string
}

/** A logical connection that outlives its sockets and replays the events that a socket missed. */
export class Session {
  readonly id = randomBytes(16).toString('hex')
  readonly actor: Actor
  readonly intents: number
  readonly shard: readonly [number, number]
  private socket: WebSocket | null
  private sequence = 0
  private sent: Sent[] = []
  private leftAt: number | null = null

  constructor(actor: Actor, socket: WebSocket, intents: number, shard: readonly [number, number]) {
    this.actor = actor
    this.socket = socket
    this.intents = intents
    this.shard = shard
  }

  get connected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN
  }

  /** True if the guild's events are this session's: those of its shard, or for a person those of every guild. */
  follows(guildId: string): boolean {
    const [id, count] = this.shard
    return this.actor === 'visitor' || (BigInt(guildId) >> 22n) % BigInt(count) === BigInt(id)
  }

  dispatch(event: string, data: unknown): void {
    this.sequence += 1
    const text = JSON.stringify({ op: GatewayOpcodes.Dispatch, t: event, s: this.sequence, d: data })
    this.sent.push({ s: this.sequence, text })
    if (this.sent.length > MAX_REPLAY_EVENTS) this.sent.shift()
    this.write(text)
  }

  send(op: number, data: unknown): void {
    this.write(JSON.stringify({ op, d: data, s: null, t: null }))
  }

  /** Replays the events after the number `after`. False if they are no longer stored or the number was never sent. */
  resume(socket: WebSocket, after: number): boolean {
    const oldest = this.sent[0]?.s ?? this.sequence + 1
    if (after > this.sequence || after < oldest - 1) return false
    this.detach()?.terminate()
    this.socket = socket
    this.leftAt = null
    for (const { s, text } of this.sent) if (s > after) this.write(text)
    this.dispatch('RESUMED', { _trace: [] })
    return true
  }

  /** Notes that the socket is gone; the session stays for a while. */
  leave(socket: WebSocket, now: number): void {
    if (this.socket !== socket) return
    this.socket = null
    this.leftAt = now
  }

  expired(now: number): boolean {
    return this.leftAt !== null && now - this.leftAt > SESSION_TTL_MS
  }

  close(code: number, reason = ''): void {
    this.socket?.close(code, reason)
  }

  cut(): void {
    this.socket?.terminate()
  }

  private detach(): WebSocket | null {
    const socket = this.socket
    this.socket = null
    return socket
  }

  private write(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text)
  }
}
