import { clusterChart } from '../src/bot/charts/cluster-chart.ts'
import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { choices, guildCommand, named } from '../src/bot/interaction/guild-command.ts'
import { chosenStock, completeSymbol, symbolOption } from '../src/bot/interaction/symbol-option.ts'
import { UserError } from '../src/bot/locale/user-error.ts'
import { withPicture } from '../src/bot/messages/picture.ts'
import { centersEmbed } from '../src/bot/render/centers.ts'

const DEFAULT_K = 4

export const centers: Command = {
  data: guildCommand('centers')
    .addStringOption(symbolOption)
    .addIntegerOption((option) => named(option, 'k').addChoices([2, 3, 4].map((k) => ({ name: String(k), value: k }))))
    .addStringOption((option) => named(option, 'features').addChoices(choices(['model', 'seed'])))
    .addBooleanOption((option) => named(option, 'raw'))
    .toJSON(),

  async run(interaction, { read, charts, texts, log }) {
    const { symbol } = await chosenStock(interaction, read)
    const k = interaction.options.getInteger('k') ?? DEFAULT_K
    const features = interaction.options.getString('features') === 'seed' ? 'seed' : 'model'
    await defer(interaction)
    const raw = interaction.options.getBoolean('raw') ?? false
    const view = await read.centers(symbol, k, features, interaction.channelId)
    if (view.kind === 'learning') {
      const { have, need } = view.learning
      throw new UserError(({ watch, format }) => watch.learning(format.count(have), format.count(need)))
    }
    const picture = () => clusterChart(view, texts.charts)
    await answer(
      interaction,
      await withPicture(centersEmbed(view, texts, raw), picture, 'centers.png', { charts, log }),
    )
  },

  complete: completeSymbol,
}
