import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { choices, managedCommand, named } from '../src/bot/interaction/guild-command.ts'
import { sensitivityEmbed } from '../src/bot/render/sensitivity.ts'
import { FEWEST_ALERTS, LEVELS, MOST_ALERTS } from '../src/model/detector/channel-number.ts'

const NAMES = ['quiet', 'normal', 'lively'] as const

export const sensitivity: Command = {
  data: managedCommand('sensitivity')
    .addStringOption((option) => named(option, 'level').addChoices(choices(NAMES)))
    .addNumberOption((option) => named(option, 'alerts').setMinValue(FEWEST_ALERTS).setMaxValue(MOST_ALERTS))
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
