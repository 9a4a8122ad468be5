import type { ChatInputCommandInteraction } from 'discord.js'
import { requirePosting } from '../src/bot/discord/posting-permissions.ts'
import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command, CommandContext, Progress } from '../src/bot/interaction/command.ts'
import { managedCommand } from '../src/bot/interaction/guild-command.ts'
import { type MarketName, marketOf } from '../src/bot/interaction/market-option.ts'
import { createProgressLine, createTimeLeft } from '../src/bot/interaction/progress.ts'
import { chosenStock, completeSymbolOrMarket, symbolOption, typedSymbol } from '../src/bot/interaction/symbol-option.ts'
import { localeOf } from '../src/bot/locale/index.ts'
import { UserError } from '../src/bot/locale/user-error.ts'
import { summaryMessage } from '../src/bot/messages/embed-with-chart.ts'
import { withPicture } from '../src/bot/messages/picture.ts'
import { stockLabel } from '../src/bot/render/stock.ts'

const PROGRESS_EVERY_MS = 1_500

export const watch: Command = {
  data: managedCommand('watch').addStringOption(symbolOption).toJSON(),

  async run(interaction, context) {
    const market = marketOf(typedSymbol(interaction))
    if (market !== null) return watchMarket(market, interaction, context)
    const { read, watching, charts, texts, log } = context
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

  complete: completeSymbolOrMarket,
}

/** Answers at once: the passes fetch the histories, and `/watchlist` counts the stocks. */
const watchMarket = async (
  market: MarketName,
  interaction: ChatInputCommandInteraction<'cached'>,
  { watching, texts }: CommandContext,
): Promise<void> => {
  requirePosting(interaction)
  await defer(interaction)
  const { guildId, channelId, user, guildLocale } = interaction
  const request = { market, guildId, channelId, userId: user.id, locale: localeOf(guildLocale) }
  const result = await watching.watchMarket(request)
  if ('unlisted' in result) throw new UserError(({ watch, markets }) => watch.marketUnlisted(markets[market]))
  if ('full' in result) {
    const { capacity, stocks } = result.full
    throw new UserError(({ watch, format, markets }) =>
      watch.marketFull(markets[market], format.count(stocks), format.count(capacity)),
    )
  }
  const stocks = texts.format.count(result.stocks)
  const { marketStarted, marketAlready } = texts.watch
  await answer(interaction, {
    content: (result.added ? marketStarted : marketAlready)(texts.markets[market], stocks),
  })
}
