import { GatewayCloseCodes, GatewayOpcodes, GatewayVersion } from 'discord-api-types/v10'
import type { RawData, WebSocket } from 'ws'
import type { LocalDiscord } from '../local-discord.ts'
import { guildCreatePayload, memberPayload } from '../payloads.ts'
import type { Actor } from '../types.ts'
import { refuseIntents } from './intents.ts'
import { Session } from './session.ts'

const HEARTBEAT_MS = 41_250
const MAX_PAYLOAD_BYTES = 4_096
const MAX_EVENTS_PER_MINUTE = 120

interface Frame {
  readonly op: number
  readonly d?: unknown
}

/** Serves one socket, from HELLO to its end. */
export const acceptConnection = (discord: LocalDiscord, socket: WebSocket, query: URLSearchParams): void => {
  const { hub, faults, now } = discord
  let session: Session | null = null
  let lastHeartbeat = now()
  let minute = { started: now(), frames: 0 }

  hub.opened(socket)
  const refusal = faults.offline
    ? 'offline'
    : (query.get('v') ?? GatewayVersion) !== GatewayVersion
      ? 'Invalid API version'
      : null
  if (refusal !== null) {
    if (faults.offline) socket.terminate()
    else socket.close(GatewayCloseCodes.InvalidAPIVersion, refusal)
    hub.left(socket, 1000)
    return
  }

  socket.send(
    JSON.stringify({ op: GatewayOpcodes.Hello, d: { heartbeat_interval: HEARTBEAT_MS, _trace: [] }, s: null, t: null }),
  )
  const watch = setInterval(() => {
    if (now() - lastHeartbeat > HEARTBEAT_MS * 1.5) socket.close(GatewayCloseCodes.SessionTimedOut, 'Session timed out')
  }, HEARTBEAT_MS / 2)
  watch.unref()
  socket.on('error', () => socket.terminate())
  socket.on('close', (code) => {
    clearInterval(watch)
    hub.left(socket, code)
  })
  socket.on('message', (raw) => receive(raw))

  function receive(raw: RawData): unknown {
    const text = raw.toString()
    if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES)
      return socket.close(GatewayCloseCodes.DecodeError, 'Payload too large')
    if (now() - minute.started >= 60_000) minute = { started: now(), frames: 0 }
    minute.frames += 1
    if (minute.frames > MAX_EVENTS_PER_MINUTE) return socket.close(GatewayCloseCodes.RateLimited, 'Rate limited')
    const frame = parse(text)
    if (frame === null) return socket.close(GatewayCloseCodes.DecodeError, 'Decode error')
    if (frame.op === GatewayOpcodes.Heartbeat) return acknowledgeHeartbeat()
    if (frame.op === GatewayOpcodes.Identify) return identify(frame.d)
    if (frame.op === GatewayOpcodes.Resume) return resume(frame.d)
    if (session === null) return socket.close(GatewayCloseCodes.NotAuthenticated, 'Not authenticated')
    if (frame.op === GatewayOpcodes.RequestGuildMembers) return sendMembers(session, frame.d)
    if (frame.op !== GatewayOpcodes.PresenceUpdate && frame.op !== GatewayOpcodes.VoiceStateUpdate)
      socket.close(GatewayCloseCodes.UnknownOpcode, 'Unknown opcode')
  }

  function acknowledgeHeartbeat(): void {
    lastHeartbeat = now()
    if (!faults.deaf || session?.actor === 'visitor')
      socket.send(JSON.stringify({ op: GatewayOpcodes.HeartbeatAck, d: null, s: null, t: null }))
  }

  function identify(data: unknown): unknown {
    if (session !== null) return socket.close(GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated')
    if (typeof data !== 'object' || data === null) return socket.close(GatewayCloseCodes.DecodeError, 'Decode error')
    const { token, intents, shard = [0, 1] } = data as { token?: unknown; intents?: unknown; shard?: unknown }
    const actor = actorOf(discord, token)
    if (actor === null) return socket.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed')
    if (!isShard(shard)) return socket.close(GatewayCloseCodes.InvalidShard, 'Invalid shard')
    if (actor === 'bot') {
      const refusal = refuseIntents(intents)
      if (refusal !== null)
        return socket.close(
          refusal,
          refusal === GatewayCloseCodes.DisallowedIntents ? 'Disallowed intent(s).' : 'Invalid intent(s).',
        )
      discord.countIdentify()
    }
    session = new Session(actor, socket, actor === 'bot' ? (intents as number) : -1, shard)
    hub.joined(socket, session)
    welcome(discord, session)
  }

  function resume(data: unknown): unknown {
    if (session !== null) return socket.close(GatewayCloseCodes.AlreadyAuthenticated, 'Already authenticated')
    const { token, session_id, seq } = (data ?? {}) as { token?: unknown; session_id?: unknown; seq?: unknown }
    const actor = actorOf(discord, token)
    if (actor === null) return socket.close(GatewayCloseCodes.AuthenticationFailed, 'Authentication failed')
    const known = hub.find(session_id)
    const refused = actor === 'bot' && faults.noResume
    if (!known || known.actor !== actor || refused || !known.resume(socket, Number(seq))) {
      socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false, s: null, t: null }))
      return
    }
    session = known
    hub.joined(socket, known)
  }

  function sendMembers(to: Session, data: unknown): void {
    const { guild_id, nonce } = (data ?? {}) as { guild_id?: unknown; nonce?: unknown }
    const guild = discord.world.guilds.get(String(guild_id))
    if (!guild) return
    const { bot, visitor } = discord.world.cast
    const members = [bot, visitor].map((user) => memberPayload(discord.world, guild, user))
    to.dispatch('GUILD_MEMBERS_CHUNK', { guild_id: guild.id, members, chunk_index: 0, chunk_count: 1, nonce })
  }
}

const parse = (text: string): Frame | null => {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null && typeof (frame as Frame).op === 'number'
      ? (frame as Frame)
      : null
  } catch {
    return null
  }
}

const actorOf = (discord: LocalDiscord, token: unknown): Actor | null => {
  if (token === 'visitor') return 'visitor'
  return typeof token === 'string' && token.replace(/^Bot /, '') === discord.token && !discord.faults.tokenRevoked
    ? 'bot'
    : null
}

const isShard = (given: unknown): given is [id: number, count: number] => {
  if (!Array.isArray(given) || given.length !== 2 || !given.every(Number.isInteger)) return false
  const [id, count] = given
  return id >= 0 && id < count
}

const welcome = (discord: LocalDiscord, session: Session): void => {
  const { world } = discord
  const guilds = [...world.guilds.values()].filter(({ id }) => session.follows(id))
  session.dispatch('READY', {
    v: Number(GatewayVersion),
    user: session.actor === 'bot' ? world.cast.bot : { ...world.cast.visitor, locale: world.visitorLocale },
    guilds:
      session.actor === 'bot'
        ? guilds.map(({ id }) => ({ id, unavailable: true }))
        : guilds.map((guild) => guildCreatePayload(world, guild)),
    session_id: session.id,
    resume_gateway_url: discord.gatewayUrl(),
    session_type: 'normal',
    private_channels: [],
    relationships: [],
    user_settings: {},
    application: { id: world.cast.applicationId, flags: 0 },
    shard: session.shard,
    _trace: [],
  })
  if (session.actor === 'bot' && discord.faults.noGuilds) return
  for (const guild of guilds) session.dispatch('GUILD_CREATE', guildCreatePayload(world, guild))
}
