import { PermissionFlagsBits } from 'discord-api-types/v10'
import type { Channel, Guild } from './types.ts'

export type PermissionName = keyof typeof PermissionFlagsBits

export const permissionBits = (names: readonly PermissionName[]): bigint =>
  names.reduce((bits, name) => bits | PermissionFlagsBits[name], 0n)

/** The permissions of everyone in a new guild; the invitation of this kind of bot grants the bot the same. */
export const MEMBER_PERMISSIONS = permissionBits([
  'AddReactions',
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'UseExternalEmojis',
  'UseApplicationCommands',
  'SendMessagesInThreads',
])
/** The permissions of owners and administrators: every permission that plays a part here. */
const ALL_PERMISSIONS =
  MEMBER_PERMISSIONS |
  permissionBits(['KickMembers', 'Administrator', 'ManageChannels', 'ManageGuild', 'ManageMessages', 'MentionEveryone'])

interface Holder {
  readonly userId: string
  readonly roles: readonly string[]
}

/**
 * Follows Discord's order: owners and administrators have all permissions; for others the roles count first, then the
 * channel's overwrites for everyone, for roles and for the member.
 */
export const permissionsIn = (guild: Guild, channel: Channel | null, holder: Holder): bigint => {
  if (guild.ownerId === holder.userId) return ALL_PERMISSIONS
  const everyone = guild.roles.find((role) => role.id === guild.id)
  let bits = BigInt(everyone?.permissions ?? 0)
  for (const role of guild.roles) if (holder.roles.includes(role.id)) bits |= BigInt(role.permissions)
  if (bits & PermissionFlagsBits.Administrator) return ALL_PERMISSIONS
  if (channel === null) return bits

  const apply = (allow: bigint, deny: bigint) => {
    bits = (bits & ~deny) | allow
  }
  const forEveryone = channel.overwrites.find((overwrite) => overwrite.id === guild.id)
  const forRoles = channel.overwrites.filter((overwrite) => holder.roles.includes(overwrite.id))
  const forMember = channel.overwrites.find((overwrite) => overwrite.id === holder.userId)
  if (forEveryone) apply(BigInt(forEveryone.allow), BigInt(forEveryone.deny))
  apply(
    forRoles.reduce((all, overwrite) => all | BigInt(overwrite.allow), 0n),
    forRoles.reduce((all, overwrite) => all | BigInt(overwrite.deny), 0n),
  )
  if (forMember) apply(BigInt(forMember.allow), BigInt(forMember.deny))

  // Without ViewChannel nothing is possible in a channel; without SendMessages nothing can be added to a message.
  if (!(bits & PermissionFlagsBits.ViewChannel)) return 0n
  if (!(bits & PermissionFlagsBits.SendMessages))
    bits &= ~permissionBits(['EmbedLinks', 'AttachFiles', 'MentionEveryone'])
  return bits
}
