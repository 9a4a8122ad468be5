import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { managedCommand } from '../src/bot/interaction/guild-command.ts'
import { en } from '../src/bot/locale/en.ts'
import { texts as tables } from '../src/bot/locale/index.ts'
import { ko } from '../src/bot/locale/ko.ts'

export const language: Command = {
  data: managedCommand('language')
    .addStringOption((option) =>
      option
        .setName('language')
        .setDescription(en.commands.language.language)
        .setDescriptionLocalizations({ ko: ko.commands.language.language })
        .setRequired(true)
        .addChoices({ name: '한국어', value: 'ko' }, { name: 'English', value: 'en' }),
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
