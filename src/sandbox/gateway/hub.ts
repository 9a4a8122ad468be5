import { GatewayCloseCodes, GatewayOpcodes } from 'discord-api-types/v10'
import type { WebSocket } from 'ws'
import type { GatewayFaults } from '../faults.ts'
import type { Actor } from '../types.ts'
import { intentOf } from './intents.ts'
import type { Session } from './session.ts'

/** After these codes Discord forgets the session, so the client must not come back with it. */
const ENDS_SESSION: ReadonlySet<number> = new Set([
  GatewayCloseCodes.AuthenticationFailed,
  GatewayCloseCodes.InvalidShard,
  GatewayCloseCodes.ShardingRequired,
  GatewayCloseCodes.InvalidAPIVersion,
  GatewayCloseCodes.InvalidIntents,
  GatewayCloseCodes.DisallowedIntents,
])

/** Holds all sessions and sends each event to those that get it. */
export class Hub implements GatewayFaults {
  private readonly sessions = new Map<string, Session>()
  private readonly now: () => number
  /** All open sockets; null for one that has not identified itself yet. It is cut and closed like a program's. */
  private readonly sockets = new Map<WebSocket, Session | null>()
  /** Sockets that the server is closing. The client repeats the code, which does not mean that it leaves by itself. */
  private readonly closedByServer = new WeakSet<WebSocket>()

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

  /** A client that closes with 1000 or 1001 gives its session up; after every other code it may resume. */
  left(socket: WebSocket, code: number): void {
    const forget = (code === 1000 || code === 1001) && !this.closedByServer.has(socket)
    const session = this.sockets.get(socket)
    this.sockets.delete(socket)
    session?.leave(socket, this.now())
    if (session && forget) this.sessions.delete(session.id)
  }

  find(id: unknown): Session | null {
    const session = typeof id === 'string' ? this.sessions.get(id) : undefined
    return session && !session.expired(this.now()) ? session : null
  }

  /** Sends an event to the program's sessions whose shard holds the guild and whose intents include the event. */
  toBots(event: string, data: unknown, guildId: string): void {
    const intent = intentOf(event)
    for (const session of this.of('bot')) {
      if (!session.follows(guildId)) continue
      if (intent === 0 || (session.intents & intent) !== 0) session.dispatch(event, data)
    }
  }

  /** Sends an event to the visitor's session with the id `only`, or to all of the visitor's sessions. */
  toVisitors(event: string, data: unknown, only: string | 'all' | null = null): void {
    for (const session of this.of('visitor'))
      if (only === null || only === 'all' || session.id === only) session.dispatch(event, data)
  }

  connected(actor: Actor): boolean {
    return this.of(actor).some((session) => session.connected)
  }

  /** Forgets a session, so that a later RESUME of it is refused. */
  forget(session: Session): void {
    this.sessions.delete(session.id)
  }

  close(code: number, shard?: number): void {
    for (const [socket, session] of this.programs(shard)) {
      if (session && ENDS_SESSION.has(code)) this.forget(session)
      this.closedByServer.add(socket)
      socket.close(code)
    }
  }

  cut(shard?: number): void {
    for (const [socket] of this.programs(shard)) socket.terminate()
  }

  reconnect(): void {
    for (const session of this.of('bot')) session.send(GatewayOpcodes.Reconnect, null)
  }

  invalidate(resumable: boolean): void {
    for (const session of this.of('bot')) {
      if (!resumable) this.forget(session)
      session.send(GatewayOpcodes.InvalidSession, resumable)
    }
  }

  shutDown(): void {
    for (const socket of this.sockets.keys()) socket.close(1001)
    setTimeout(() => this.terminateAll(), 250).unref()
  }

  terminateAll(): void {
    for (const socket of this.sockets.keys()) socket.terminate()
  }

  /** The program's sockets, or those of one shard. */
  private programs(shard?: number): [WebSocket, Session | null][] {
    return [...this.sockets].filter(
      ([, session]) => session?.actor !== 'visitor' && (shard === undefined || session?.shard[0] === shard),
    )
  }

  private of(actor: Actor): Session[] {
    return [...this.sessions.values()].filter((session) => session.actor === actor && !session.expired(this.now()))
  }
}
