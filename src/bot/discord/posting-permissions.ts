import { type ChatInputCommandInteraction, PermissionFlagsBits, type PermissionsBitField } from 'discord.js'
import type { PermissionName } from '../locale/texts.ts'
import { UserError } from '../locale/user-error.ts'

/** The permissions that the bot needs to post alerts. */
export const postingPermissions = (inThread: boolean): readonly PermissionName[] => [
  'ViewChannel',
  inThread ? 'SendMessagesInThreads' : 'SendMessages',
  'EmbedLinks',
  'AttachFiles',
]

/** The posting permissions that are missing from the granted ones. */
export const lackedPermissions = (granted: Readonly<PermissionsBitField> | null, inThread: boolean): PermissionName[] =>
  postingPermissions(inThread).filter((name) => !granted?.has(PermissionFlagsBits[name]))

/** @throws {UserError} naming the permissions that the bot lacks to post alerts in the command's channel */
export const requirePosting = (interaction: ChatInputCommandInteraction<'cached'>): void => {
  const missing = lackedPermissions(interaction.appPermissions, interaction.channel?.isThread() ?? false)
  if (missing.length > 0) throw new UserError((texts) => texts.watch.missing(missing))
}
