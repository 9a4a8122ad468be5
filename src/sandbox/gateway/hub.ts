import type { WebSocket } from 'ws'
import type { GatewayFaults } from '../faults.ts'
import type { Actor } from '../types.ts'
import { intentOf } from './intents.ts'
import { Op, type Session } from './session.ts'

/** All sessions, and who gets which event. */
export class Hub implements GatewayFaults {
  private readonly sessions = new Map<string, Session>()
  private readonly now: () => number
  /** Sockets of programs that have not identified themselves yet are cut and closed too. */
  private readonly sockets = new Map<WebSocket, Session | null>()

  /** Sockets that this side is closing: the client's echo of the code is not its goodbye. */
  private readonly ending = new WeakSet<WebSocket>()

  constructor(now: () => number) {
    this.now = now
  }

  opened(socket: WebSocket): void {
    this.sockets.set(socket, null)
  }

  joined(socket: WebSocket, session: Session): void {
    for (const [id, old] of this.sessions) if (old.expired(this.now())) this.sessions.delete(id)
    this.sessions.set(session.id, session)
    this.sockets.set(socket, session)
  }

  /** A client that says goodbye (1000, 1001) gives its session up; every other end may be resumed. */
  left(socket: WebSocket, code: number): void {
    const forget = (code === 1000 || code === 1001) && !this.ending.has(socket)
    const session = this.sockets.get(socket)
    this.sockets.delete(socket)
    session?.leave(socket, this.now())
    if (session && forget) this.sessions.delete(session.id)
  }

  find(id: unknown): Session | null {
    const session = typeof id === 'string' ? this.sessions.get(id) : undefined
    return session && !session.expired(this.now()) ? session : null
  }

  /** To the program's sessions: those whose shard holds the guild and that asked for this kind of event. */
  toBots(event: string, data: unknown, guildId: string): void {
    const intent = intentOf(event)
    for (const session of this.of('bot')) {
      const [shard, shards] = session.shard
      if (Number((BigInt(guildId) >> 22n) % BigInt(shards)) !== shard) continue
      if (intent === 0 || (session.intents & intent) !== 0) session.dispatch(event, data)
    }
  }

  /** To the visitor: to every session, or to the one that asked when it is still known. */
  toVisitors(event: string, data: unknown, only: string | 'all' | null = null): void {
    for (const session of this.of('visitor'))
      if (only === null || only === 'all' || session.id === only) session.dispatch(event, data)
  }

  connected(actor: Actor): boolean {
    return this.of(actor).some((session) => session.connected)
  }

  /** Refuses a later RESUME of this session. */
  forget(session: Session): void {
    this.sessions.delete(session.id)
  }

  close(code: number): void {
    for (const [socket, session] of this.sockets) {
      if (session?.actor === 'visitor') continue
      // Discord forgets the session with these: the client must not come back with it.
      if (session && (code === 4004 || (code >= 4010 && code <= 4014))) this.forget(session)
      this.ending.add(socket)
      socket.close(code)
    }
  }

  cut(): void {
    for (const [socket, session] of this.sockets) if (session?.actor !== 'visitor') socket.terminate()
  }

  reconnect(): void {
    for (const session of this.of('bot')) session.send(Op.Reconnect, null)
  }

  invalidate(resumable: boolean): void {
    for (const session of this.of('bot')) {
      if (!resumable) this.forget(session)
      session.send(Op.Invalid, resumable)
    }
  }

  shutDown(): void {
    for (const socket of this.sockets.keys()) socket.close(1001)
    setTimeout(() => this.terminateAll(), 250).unref()
  }

  terminateAll(): void {
    for (const socket of this.sockets.keys()) socket.terminate()
  }

  private of(actor: Actor): Session[] {
    return [...this.sessions.values()].filter((session) => session.actor === actor && !session.expired(this.now()))
  }
}
