import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { guildCommand, named } from '../src/bot/interaction/guild-command.ts'
import { chosenStock, completeSymbol, symbolOption } from '../src/bot/interaction/symbol-option.ts'
import { historyMessage } from '../src/bot/messages/embed-with-chart.ts'
import { withPicture } from '../src/bot/messages/picture.ts'

const DEFAULT_COUNT = 10
const MOST = 25

export const history: Command = {
  data: guildCommand('history')
    .addStringOption(symbolOption)
    .addIntegerOption((option) => named(option, 'count').setMinValue(1).setMaxValue(MOST))
    .toJSON(),

  async run(interaction, { read, charts, texts, log }) {
    const { symbol } = await chosenStock(interaction, read)
    await defer(interaction)
    const view = await read.history(
      symbol,
      interaction.options.getInteger('count') ?? DEFAULT_COUNT,
      interaction.channelId,
    )
    const { embed, chart } = historyMessage(view, texts)
    await answer(interaction, await withPicture(embed, chart, 'history.png', { charts, log }))
  },

  complete: completeSymbol,
}
