import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { managedCommand } from '../src/bot/interaction/guild-command.ts'
import { en } from '../src/bot/locale/en.ts'
import { ko } from '../src/bot/locale/ko.ts'
import { sensitivityEmbed } from '../src/bot/render/sensitivity.ts'
import { FEWEST_ALERTS, LEVELS, MOST_ALERTS } from '../src/model/detector/channel-number.ts'

const NAMES = ['quiet', 'normal', 'lively'] as const

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
        .setMinValue(FEWEST_ALERTS)
        .setMaxValue(MOST_ALERTS),
    )
    .toJSON(),

  async run(interaction, { read, watching, texts }) {
    await defer(interaction)
    const { channelId, guildId, options } = interaction
    const level = NAMES.find((name) => name === options.getString('level'))
    const wanted = options.getNumber('alerts') ?? (level === undefined ? null : LEVELS[level].alertsPerDay)
    const settings = await read.settings(channelId, guildId)
    const { wasPerWeek } = settings
    const changed = wanted !== null && wanted !== settings.alertsPerDay
    const alertsPerDay = wanted ?? settings.alertsPerDay
    if (changed || wasPerWeek !== null)
      await watching.saveSettings({
        ...settings,
        alertsPerDay,
        numberSince: changed ? read.now() : settings.numberSince,
        wasPerWeek: null,
      })
    const number = await read.channelNumber(channelId, guildId)
    const view = { ...number, alertsPerDay, changed: wanted !== null, wasPerWeek, convertedTo: settings.alertsPerDay }
    await answer(interaction, { embeds: [sensitivityEmbed(view, texts)] })
  },
}
