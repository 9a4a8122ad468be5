import { answer, defer } from '../src/bot/answer.ts'
import { alertChart } from '../src/bot/charts/alert-chart.ts'
import { chartTexts } from '../src/bot/charts/texts.ts'
import type { Command } from '../src/bot/command.ts'
import { guildCommand } from '../src/bot/guild-command.ts'
import { en } from '../src/bot/locale/en.ts'
import { ko } from '../src/bot/locale/ko.ts'
import { withPicture } from '../src/bot/picture.ts'
import { historyEmbed } from '../src/bot/render/history.ts'
import { chosenStock, completeSymbol, symbolOption } from '../src/bot/symbol-option.ts'

const DEFAULT_COUNT = 10
const MOST = 25

export const history: Command = {
  data: guildCommand('history')
    .addStringOption(symbolOption('history'))
    .addIntegerOption((option) =>
      option
        .setName('count')
        .setDescription(en.commands.history.count)
        .setDescriptionLocalizations({ ko: ko.commands.history.count })
        .setMinValue(1)
        .setMaxValue(MOST),
    )
    .toJSON(),

  async run(interaction, { read, charts, texts, log }) {
    const { symbol } = await chosenStock(interaction, read)
    await defer(interaction)
    const view = await read.history(symbol, interaction.options.getInteger('count') ?? DEFAULT_COUNT, interaction.channelId)
    const embed = historyEmbed(view, texts)
    const picture = () => alertChart(view, chartTexts[texts.locale])
    await answer(
      interaction,
      view.stretch.bars.length === 0 ? { embeds: [embed] } : await withPicture(embed, picture, 'history.png', { charts, log }),
    )
  },

  complete: completeSymbol,
}
