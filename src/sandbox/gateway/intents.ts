import { GatewayCloseCodes, GatewayIntentBits } from 'discord-api-types/v10'

/** Intents that need a switch in Discord's developer portal; the switch is off here. */
const PRIVILEGED = GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent
const KNOWN = Object.values(GatewayIntentBits)
  .filter((bit) => typeof bit === 'number')
  .reduce((bits, bit) => bits | bit, 0)

/** The close code that refuses these intents, or null if they are accepted. */
export const refuseIntents = (
  intents: unknown,
): GatewayCloseCodes.InvalidIntents | GatewayCloseCodes.DisallowedIntents | null => {
  if (typeof intents !== 'number' || !Number.isInteger(intents) || intents < 0 || (intents & ~KNOWN) !== 0)
    return GatewayCloseCodes.InvalidIntents
  return (intents & PRIVILEGED) !== 0 ? GatewayCloseCodes.DisallowedIntents : null
}

/** The intent without which an event is not sent; 0 for events that every session gets. */
export const intentOf = (event: string): number => {
  if (event.startsWith('GUILD_MEMBER')) return GatewayIntentBits.GuildMembers
  if (event.startsWith('GUILD_') || event.startsWith('CHANNEL_')) return GatewayIntentBits.Guilds
  return event.startsWith('MESSAGE_') ? GatewayIntentBits.GuildMessages : 0
}
