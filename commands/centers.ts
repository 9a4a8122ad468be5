import { clusterChart } from '../src/bot/charts/cluster-chart.ts'
import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { guildCommand } from '../src/bot/interaction/guild-command.ts'
import { chosenStock, completeSymbol, symbolOption } from '../src/bot/interaction/symbol-option.ts'
import { chartTexts } from '../src/bot/locale/chart-texts.ts'
import { en } from '../src/bot/locale/en.ts'
import { ko } from '../src/bot/locale/ko.ts'
import { UserError } from '../src/bot/locale/user-error.ts'
import { withPicture } from '../src/bot/messages/picture.ts'
import { centersEmbed } from '../src/bot/render/centers.ts'

const DEFAULT_K = 4
const FEATURES = ['model', 'seed'] as const

export const centers: Command = {
  data: guildCommand('centers')
    .addStringOption(symbolOption('centers'))
    .addIntegerOption((option) =>
      option
        .setName('k')
        .setDescription(en.commands.centers.k)
        .setDescriptionLocalizations({ ko: ko.commands.centers.k })
        .addChoices(...[2, 3, 4].map((k) => ({ name: String(k), value: k }))),
    )
    .addStringOption((option) =>
      option
        .setName('features')
        .setDescription(en.commands.centers.features)
        .setDescriptionLocalizations({ ko: ko.commands.centers.features })
        .addChoices(
          ...FEATURES.map((value) => ({
            name: en.commands.centers[value],
            name_localizations: { ko: ko.commands.centers[value] },
            value,
          })),
        ),
    )
    .addBooleanOption((option) =>
      option
        .setName('raw')
        .setDescription(en.commands.centers.raw)
        .setDescriptionLocalizations({ ko: ko.commands.centers.raw }),
    )
    .toJSON(),

  async run(interaction, { read, charts, texts, log }) {
    const { symbol } = await chosenStock(interaction, read)
    const k = interaction.options.getInteger('k') ?? DEFAULT_K
    const features = interaction.options.getString('features') === 'seed' ? 'seed' : 'model'
    await defer(interaction)
    const raw = interaction.options.getBoolean('raw') ?? false
    const view = await read.centers(symbol, k, features, interaction.channelId)
    if ('learning' in view) {
      const { have, need } = view.learning
      throw new UserError(({ watch, format }) => watch.learning(format.count(have), format.count(need)))
    }
    const picture = () => clusterChart(view, chartTexts[texts.locale])
    await answer(
      interaction,
      await withPicture(centersEmbed(view, texts, raw), picture, 'centers.png', { charts, log }),
    )
  },

  complete: completeSymbol,
}
