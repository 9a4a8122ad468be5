import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { managedCommand, named } from '../src/bot/interaction/guild-command.ts'
import { texts as tables } from '../src/bot/locale/index.ts'

export const language: Command = {
  data: managedCommand('language')
    .addStringOption((option) =>
      named(option, 'language')
        .setRequired(true)
        .addChoices(Object.values(tables).map(({ locale, languageName }) => ({ name: languageName, value: locale }))),
    )
    .toJSON(),

  async run(interaction, { read, watching }) {
    await defer(interaction)
    const locale = interaction.options.getString('language', true) === 'ko' ? 'ko' : 'en'
    const settings = await read.settings(interaction.channelId, interaction.guildId)
    await watching.saveSettings({ ...settings, locale })
    await answer(interaction, { content: tables[locale].language.set() })
  },
}
