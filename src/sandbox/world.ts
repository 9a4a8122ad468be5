import type { Journal } from './journal.ts'
import { MEMBER_PERMISSIONS, permissionsIn } from './permissions.ts'
import { compareSnowflakes, type Snowflakes, snowflakeAt } from './snowflake.ts'
import type { Actor, Cast, Channel, Command, Guild, StoredMessage } from './types.ts'

/** A channel stores its newest messages up to this number. */
const MAX_MESSAGES_PER_CHANNEL = 200
/** The journal is rewritten after this many appended lines. */
const MAX_APPENDED_LINES = 2_000

const FIXED_IDS_TIME = Date.UTC(2026, 0, 1)
/** Ids that are the same in every run, so that a bot's watches survive even a deleted state folder. */
export const FIXED = {
  application: snowflakeAt(FIXED_IDS_TIME, 1),
  visitor: snowflakeAt(FIXED_IDS_TIME, 2),
  guild: snowflakeAt(FIXED_IDS_TIME, 3),
  alerts: snowflakeAt(FIXED_IDS_TIME, 4),
  general: snowflakeAt(FIXED_IDS_TIME, 5),
} as const

export interface World {
  readonly cast: Cast
  readonly guilds: Map<string, Guild>
  visitorLocale: string
  channel(id: string): { readonly guild: Guild; readonly channel: Channel } | null
  /** Oldest first. */
  messages(channelId: string): StoredMessage[]
  message(channelId: string, id: string): StoredMessage | null
  saveMessage(stored: StoredMessage): void
  removeMessage(channelId: string, id: string): void
  saveGuild(guild: Guild): void
  removeGuild(id: string): void
  removeChannel(guild: Guild, id: string): void
  commands(guildId: string | null): readonly Command[]
  setCommands(guildId: string | null, commands: readonly Command[]): void
  setVisitorLocale(locale: string): void
  addGuild(name: string, locale: string, ids?: { readonly guild: string }): Guild
  addChannel(guild: Guild, name: string, topic?: string | null, id?: string): Channel
  permissions(actor: Actor, guild: Guild, channel: Channel | null): bigint
  readonly journal: Journal
}

export const createWorld = (options: {
  cast: Cast
  journal: Journal
  snowflakes: Snowflakes
  locale: string
  now: () => number
}): World => {
  const { cast, journal, snowflakes } = options
  const guilds = new Map<string, Guild>()
  const messages = new Map<string, Map<string, StoredMessage>>()
  const commands = new Map<string | null, readonly Command[]>()

  const botRole = (guild: Guild) => guild.roles.find((role) => role.managed)?.id
  const inChannel = (channelId: string) => {
    const byId = messages.get(channelId) ?? new Map<string, StoredMessage>()
    messages.set(channelId, byId)
    return byId
  }
  const removeFiles = (stored: StoredMessage) => {
    for (const file of stored.files) journal.removeFile(file.id)
  }
  const removeMessagesOf = (id: string) => {
    for (const stored of inChannel(id).values()) removeFiles(stored)
    messages.delete(id)
  }
  const snapshot = () => [
    { kind: 'visitor' as const, locale: world.visitorLocale },
    ...[...guilds.values()].map((guild) => ({ kind: 'guild' as const, guild })),
    ...[...commands].map(([guildId, list]) => ({ kind: 'commands' as const, guildId, commands: list })),
    ...[...messages.values()].flatMap((byId) =>
      [...byId.values()].map((stored) => ({ kind: 'message' as const, stored })),
    ),
  ]
  const append = (line: Parameters<Journal['append']>[0]) => {
    journal.append(line)
    if (journal.appended > MAX_APPENDED_LINES) journal.rewrite(snapshot())
  }

  const world: World = {
    cast,
    guilds,
    journal,
    visitorLocale: options.locale,
    channel(id) {
      for (const guild of guilds.values()) {
        const channel = guild.channels.find((candidate) => candidate.id === id)
        if (channel) return { guild, channel }
      }
      return null
    },
    messages: (channelId) => [...(messages.get(channelId)?.values() ?? [])],
    message: (channelId, id) => messages.get(channelId)?.get(id) ?? null,
    saveMessage(stored) {
      const byId = inChannel(stored.message.channel_id)
      byId.set(stored.message.id, stored)
      append({ kind: 'message', stored })
      for (const [id, old] of byId) {
        if (byId.size <= MAX_MESSAGES_PER_CHANNEL) break
        byId.delete(id)
        removeFiles(old)
        append({ kind: 'message-gone', channelId: stored.message.channel_id, id })
      }
    },
    removeMessage(channelId, id) {
      const stored = world.message(channelId, id)
      if (!stored) return
      inChannel(channelId).delete(id)
      append({ kind: 'message-gone', channelId, id })
      removeFiles(stored)
    },
    saveGuild(guild) {
      guilds.set(guild.id, guild)
      append({ kind: 'guild', guild })
    },
    removeGuild(id) {
      for (const channel of guilds.get(id)?.channels ?? []) removeMessagesOf(channel.id)
      guilds.delete(id)
      commands.delete(id)
      append({ kind: 'guild-gone', id })
    },
    removeChannel(guild, id) {
      guild.channels = guild.channels.filter((channel) => channel.id !== id)
      removeMessagesOf(id)
      world.saveGuild(guild)
    },
    commands: (guildId) => commands.get(guildId) ?? [],
    setCommands(guildId, list) {
      commands.set(guildId, list)
      append({ kind: 'commands', guildId, commands: list })
    },
    setVisitorLocale(locale) {
      world.visitorLocale = locale
      append({ kind: 'visitor', locale })
    },
    addGuild(name, locale, ids) {
      const id = ids?.guild ?? snowflakes.next()
      const guild: Guild = {
        id,
        name,
        locale,
        ownerId: cast.visitor.id,
        joinedAt: new Date(options.now()).toISOString(),
        channels: [],
        roles: [
          { id, name: '@everyone', permissions: MEMBER_PERMISSIONS.toString(), managed: false },
          { id: snowflakes.next(), name: cast.bot.username, permissions: MEMBER_PERMISSIONS.toString(), managed: true },
        ],
      }
      world.saveGuild(guild)
      return guild
    },
    addChannel(guild, name, topic = null, id = snowflakes.next()) {
      const channel: Channel = { id, guildId: guild.id, name, topic, position: guild.channels.length, overwrites: [] }
      guild.channels.push(channel)
      world.saveGuild(guild)
      return channel
    },
    permissions(actor, guild, channel) {
      const role = botRole(guild)
      const holder =
        actor === 'visitor'
          ? { userId: cast.visitor.id, roles: [] }
          : { userId: cast.bot.id, roles: role ? [role] : [] }
      return permissionsIn(guild, channel, holder)
    },
  }

  for (const line of journal.read()) {
    if (line.kind === 'guild') guilds.set(line.guild.id, line.guild)
    else if (line.kind === 'guild-gone') guilds.delete(line.id)
    else if (line.kind === 'message') inChannel(line.stored.message.channel_id).set(line.stored.message.id, line.stored)
    else if (line.kind === 'message-gone') messages.get(line.channelId)?.delete(line.id)
    else if (line.kind === 'commands') commands.set(line.guildId, line.commands)
    else if (line.kind === 'visitor') world.visitorLocale = line.locale
  }
  tidyAfterStart()
  return world

  /**
   * Removes messages and files that belong to nothing, reserves all used ids, adds the first guild if it is missing.
   */
  function tidyAfterStart() {
    for (const id of messages.keys()) if (!world.channel(id)) messages.delete(id)
    const used = new Set<string>()
    for (const [channelId, byId] of messages) {
      const newest = [...byId.values()]
        .sort((a, b) => compareSnowflakes(a.message.id, b.message.id))
        .slice(-MAX_MESSAGES_PER_CHANNEL)
      messages.set(channelId, new Map(newest.map((stored) => [stored.message.id, stored])))
      for (const stored of newest) {
        snowflakes.reserve(stored.message.id)
        for (const file of stored.files) used.add(file.id)
      }
    }
    for (const id of used) snowflakes.reserve(id)
    for (const list of commands.values()) for (const command of list) snowflakes.reserve(command.version)
    for (const guild of guilds.values()) for (const channel of guild.channels) snowflakes.reserve(channel.id)
    for (const id of journal.fileIds()) if (!used.has(id)) journal.removeFile(id)
    if (!guilds.has(FIXED.guild)) {
      const guild = world.addGuild('Minute by minute', options.locale, { guild: FIXED.guild })
      world.addChannel(guild, 'alerts', 'Abnormal minutes, as they happen', FIXED.alerts)
      world.addChannel(guild, 'general', 'Try the commands here', FIXED.general)
    }
    journal.rewrite(snapshot())
  }
}
