import type { Channel, Guild } from './types.ts'

/** The permissions that play a part here, as Discord numbers them. */
export const Permission = {
  KickMembers: 1n << 1n,
  Administrator: 1n << 3n,
  ManageChannels: 1n << 4n,
  ManageGuild: 1n << 5n,
  AddReactions: 1n << 6n,
  ViewChannel: 1n << 10n,
  SendMessages: 1n << 11n,
  ManageMessages: 1n << 13n,
  EmbedLinks: 1n << 14n,
  AttachFiles: 1n << 15n,
  ReadMessageHistory: 1n << 16n,
  MentionEveryone: 1n << 17n,
  UseExternalEmojis: 1n << 18n,
  UseApplicationCommands: 1n << 31n,
  SendMessagesInThreads: 1n << 38n,
} as const
export type PermissionName = keyof typeof Permission

export const permissionBits = (names: readonly PermissionName[]): bigint =>
  names.reduce((bits, name) => bits | Permission[name], 0n)

/** What an invitation with the permissions this kind of bot asks for grants, and what everyone may do in a new guild. */
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
const ALL = permissionBits(Object.keys(Permission) as PermissionName[])

interface Holder {
  readonly userId: string
  readonly roles: readonly string[]
}

/** Discord's order: owner and administrators may all; then roles; then the channel's overwrites for everyone, for roles, for the member. */
export const permissionsIn = (guild: Guild, channel: Channel | null, holder: Holder): bigint => {
  if (guild.ownerId === holder.userId) return ALL
  const everyone = guild.roles.find((role) => role.id === guild.id)
  let bits = BigInt(everyone?.permissions ?? 0)
  for (const role of guild.roles) if (holder.roles.includes(role.id)) bits |= BigInt(role.permissions)
  if (bits & Permission.Administrator) return ALL
  if (channel === null) return bits

  const apply = (allow: bigint, deny: bigint) => {
    bits = (bits & ~deny) | allow
  }
  const own = channel.overwrites.find((overwrite) => overwrite.id === holder.userId)
  const forEveryone = channel.overwrites.find((overwrite) => overwrite.id === guild.id)
  if (forEveryone) apply(BigInt(forEveryone.allow), BigInt(forEveryone.deny))
  const forRoles = channel.overwrites.filter((overwrite) => holder.roles.includes(overwrite.id))
  apply(
    forRoles.reduce((all, overwrite) => all | BigInt(overwrite.allow), 0n),
    forRoles.reduce((all, overwrite) => all | BigInt(overwrite.deny), 0n),
  )
  if (own) apply(BigInt(own.allow), BigInt(own.deny))

  // Who cannot see a channel can do nothing in it; who cannot send can add nothing to a message either.
  if (!(bits & Permission.ViewChannel)) return 0n
  if (!(bits & Permission.SendMessages)) bits &= ~permissionBits(['EmbedLinks', 'AttachFiles', 'MentionEveryone'])
  return bits
}
