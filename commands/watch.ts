import { requirePosting } from '../src/bot/discord/posting-permissions.ts'
import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command, Progress } from '../src/bot/interaction/command.ts'
import { managedCommand } from '../src/bot/interaction/guild-command.ts'
import { createProgressLine, createTimeLeft } from '../src/bot/interaction/progress.ts'
import { chosenStock, completeSymbol, symbolOption } from '../src/bot/interaction/symbol-option.ts'
import { localeOf } from '../src/bot/locale/index.ts'
import { UserError } from '../src/bot/locale/user-error.ts'
import { summaryMessage } from '../src/bot/messages/embed-with-chart.ts'
import { withPicture } from '../src/bot/messages/picture.ts'
import { stockLabel } from '../src/bot/render/stock.ts'

const PROGRESS_EVERY_MS = 1_500

export const watch: Command = {
  data: managedCommand('watch').addStringOption(symbolOption).toJSON(),

  async run(interaction, { read, watching, charts, texts, log }) {
    const listing = await chosenStock(interaction, read)
    requirePosting(interaction)
    await defer(interaction)
    const progress = createProgressLine({
      show: (text) => interaction.editReply(text),
      everyMs: PROGRESS_EVERY_MS,
      now: () => performance.now(),
      log,
    })
    const { count } = texts.format
    const began = performance.now()
    const timeLeft = createTimeLeft()
    const progressText = ({ phase, bars, done, total }: Progress): string => {
      const seconds = Math.max(0.1, (performance.now() - began) / 1_000)
      const left = timeLeft({ done, total, seconds })
      const inWords = { bars: count(bars), done: count(done), total: count(total), rate: count(bars / seconds) }
      return texts.watch.progress(phase, { ...inWords, left: left === null ? null : count(Math.ceil(left)) })
    }
    const result = await watching
      .watch(
        {
          symbol: listing.symbol,
          guildId: interaction.guildId,
          channelId: interaction.channelId,
          userId: interaction.user.id,
          locale: localeOf(interaction.guildLocale),
        },
        (at) => progress.report(progressText(at)),
      )
      .finally(progress.idle)
    if ('full' in result) throw new UserError(({ watch, format }) => watch.full(format.count(result.full.capacity)))

    const view = await read.summary(listing.symbol)
    const { embed, chart } = summaryMessage(view, texts)
    const stock = stockLabel(view.stock, texts)
    await answer(interaction, {
      content: result.added ? texts.watch.started(stock) : texts.watch.already(stock),
      ...(await withPicture(embed, chart, 'watch.png', { charts, log })),
    })
  },

  complete: completeSymbol,
}
