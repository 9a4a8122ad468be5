import type { ChatInputCommandInteraction, InteractionEditReplyOptions } from 'discord.js'
import { isAlreadyAnswered, isTokenSpent } from '../discord/api-errors.ts'

/**
 * Shows a public placeholder, which gives the command more than 3 s. If the interaction was already answered, a
 * repeated call of discord.js had worked the first time, and that counts as done.
 */
export const defer = async (interaction: ChatInputCommandInteraction<'cached'>): Promise<void> => {
  try {
    await interaction.deferReply()
  } catch (error) {
    if (!isAlreadyAnswered(error)) throw error
    interaction.deferred = true
    interaction.ephemeral = false
  }
}

/** Replaces the placeholder by the answer. If the interaction has expired, posts the answer into the channel. */
export const answer = async (
  interaction: ChatInputCommandInteraction<'cached'>,
  { content, embeds, files }: Pick<InteractionEditReplyOptions, 'content' | 'embeds' | 'files'>,
): Promise<void> => {
  const message = { content: content ?? '', embeds: embeds ?? [], files: files ?? [] }
  try {
    await interaction.editReply(message)
  } catch (error) {
    if (!isTokenSpent(error) || !interaction.channel) throw error
    await interaction.channel.send(message)
  }
}
