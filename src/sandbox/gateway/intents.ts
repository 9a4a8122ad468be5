/** Groups of events a program may ask for. */
const Intent = {
  Guilds: 1 << 0,
  GuildMembers: 1 << 1,
  GuildPresences: 1 << 8,
  GuildMessages: 1 << 9,
  MessageContent: 1 << 15,
} as const
/** Need a switch in Discord's developer portal; it is off here. */
const PRIVILEGED = Intent.GuildMembers | Intent.GuildPresences | Intent.MessageContent
/** Bits 0 to 16 (guilds, messages, direct messages …), 20 and 21 (moderation rules), 24 and 25 (polls). */
const KNOWN = 0x1ffff | (1 << 20) | (1 << 21) | (1 << 24) | (1 << 25)

/** The close code that intents deserve, or null when they are good. */
export const refuseIntents = (intents: unknown): number | null => {
  if (typeof intents !== 'number' || !Number.isInteger(intents) || intents < 0 || (intents & ~KNOWN) !== 0) return 4013
  return (intents & PRIVILEGED) !== 0 ? 4014 : null
}

/** The intent without which an event is not sent; 0 for events that everybody gets. */
export const intentOf = (event: string): number => {
  if (event.startsWith('GUILD_MEMBER')) return Intent.GuildMembers
  if (event.startsWith('GUILD_') || event.startsWith('CHANNEL_')) return Intent.Guilds
  return event.startsWith('MESSAGE_') ? Intent.GuildMessages : 0
}
