import { type ChatInputCommandInteraction, PermissionFlagsBits } from 'discord.js'
import { UserError } from './command.ts'
import type { PermissionName } from './locale/texts.ts'

/** @throws {UserError} naming what the bot lacks to post alerts in the channel where the command was given */
export const requirePosting = (interaction: ChatInputCommandInteraction<'cached'>): void => {
  const send: PermissionName = interaction.channel?.isThread() ? 'SendMessagesInThreads' : 'SendMessages'
  const needed: readonly PermissionName[] = ['ViewChannel', send, 'EmbedLinks', 'AttachFiles']
  const missing = needed.filter((name) => !interaction.appPermissions.has(PermissionFlagsBits[name]))
  if (missing.length > 0) throw new UserError((texts) => texts.watch.missing(missing))
}
