import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { guildCommand } from '../src/bot/interaction/guild-command.ts'
import { helpEmbed } from '../src/bot/render/help.ts'

export const help: Command = {
  data: guildCommand('help').toJSON(),

  async run(interaction, { texts }) {
    await defer(interaction)
    await answer(interaction, { embeds: [helpEmbed(texts)] })
  },
}
