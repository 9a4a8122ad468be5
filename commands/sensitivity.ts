import { answer, defer } from '../src/bot/answer.ts'
import type { Command } from '../src/bot/command.ts'
import { managedCommand } from '../src/bot/guild-command.ts'
import { en } from '../src/bot/locale/en.ts'
import { ko } from '../src/bot/locale/ko.ts'
import { sensitivityEmbed } from '../src/bot/render/sensitivity.ts'
import { DAY } from '../src/model/bar.ts'

/** Alerts per stock and week. */
export const LEVELS = { quiet: 1, normal: 3, lively: 10 } as const
const NAMES = ['quiet', 'normal', 'lively'] as const
const FEWEST = 0.1
const MOST = 200
const WEEK = 7 * DAY

export const sensitivity: Command = {
  data: managedCommand('sensitivity')
    .addStringOption((option) =>
      option
        .setName('level')
        .setDescription(en.commands.sensitivity.level)
        .setDescriptionLocalizations({ ko: ko.commands.sensitivity.level })
        .addChoices(
          ...NAMES.map((value) => ({
            name: en.commands.sensitivity[value],
            name_localizations: { ko: ko.commands.sensitivity[value] },
            value,
          })),
        ),
    )
    .addNumberOption((option) =>
      option
        .setName('alerts')
        .setDescription(en.commands.sensitivity.alerts)
        .setDescriptionLocalizations({ ko: ko.commands.sensitivity.alerts })
        .setMinValue(FEWEST)
        .setMaxValue(MOST),
    )
    .toJSON(),

  async run(interaction, { read, watching, texts }) {
    await defer(interaction)
    const { channelId, guildId, options } = interaction
    const level = NAMES.find((name) => name === options.getString('level'))
    const wanted = options.getNumber('alerts') ?? (level === undefined ? null : LEVELS[level])
    const settings = await read.settings(channelId, guildId)
    if (wanted !== null) await watching.saveSettings({ ...settings, alertsPerWeek: wanted })
    const realised = await read.alertsSince(channelId, read.now() - WEEK)
    const view = { ...realised, alertsPerWeek: wanted ?? settings.alertsPerWeek, changed: wanted !== null }
    await answer(interaction, { embeds: [sensitivityEmbed(view, texts)] })
  },
}
