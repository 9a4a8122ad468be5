import type { ChatInputCommandInteraction, InteractionEditReplyOptions } from 'discord.js'
import { isAlreadyAnswered, isTokenSpent } from '../discord/api-errors.ts'

/** Asks Discord for time, in public. A repeated call that had worked the first time counts as done. */
export const defer = async (interaction: ChatInputCommandInteraction<'cached'>): Promise<void> => {
  try {
    await interaction.deferReply()
  } catch (error) {
    if (!isAlreadyAnswered(error)) throw error
    interaction.deferred = true
    interaction.ephemeral = false
  }
}

/** Puts the answer in the deferred message's place, or, when the work took longer than the interaction lives, into the channel. */
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
