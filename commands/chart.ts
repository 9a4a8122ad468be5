import { alertChart } from '../src/bot/charts/alert-chart.ts'
import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { guildCommand, named } from '../src/bot/interaction/guild-command.ts'
import { chosenStock, completeSymbol, symbolOption } from '../src/bot/interaction/symbol-option.ts'
import { UserError } from '../src/bot/locale/user-error.ts'
import { withPicture } from '../src/bot/messages/picture.ts'
import { chartEmbed } from '../src/bot/render/chart.ts'

const DEFAULT_MINUTES = 120
const FEWEST_MINUTES = 20
/** A KRX session has 391 minutes. */
const MOST_MINUTES = 400

export const chart: Command = {
  data: guildCommand('chart')
    .addStringOption(symbolOption)
    .addIntegerOption((option) => named(option, 'minutes').setMinValue(FEWEST_MINUTES).setMaxValue(MOST_MINUTES))
    .toJSON(),

  async run(interaction, { read, charts, texts, log }) {
    const { symbol } = await chosenStock(interaction, read)
    await defer(interaction)
    const view = await read.chart(symbol, interaction.options.getInteger('minutes') ?? DEFAULT_MINUTES)
    if (view === null) throw new UserError(({ changes }) => changes.noChart)
    const embed = chartEmbed(view, texts)
    const picture = view.span.bars.length === 0 ? null : () => alertChart(view, texts.charts)
    await answer(interaction, await withPicture(embed, picture, 'chart.png', { charts, log }))
  },

  complete: completeSymbol,
}
