import type { APIEmbed } from 'discord.js'
import { MINUTE } from '../../model/time/bar.ts'
import type { MarketName } from '../../pipeline/store/records.ts'
import type { WatchlistEntry } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { clipLines, fitEmbed, LIMITS } from './limits.ts'
import { COLOURS, currencyOf, provenanceLine, stockLabel } from './stock.ts'

export const watchlistEmbed = (
  entries: readonly WatchlistEntry[],
  markets: readonly { readonly market: MarketName; readonly stocks: number }[],
  paused: boolean,
  texts: Texts,
): APIEmbed => {
  const { format, watchlist } = texts
  const marketLines = markets.map(({ market, stocks }) => watchlist.market(texts.markets[market], format.count(stocks)))
  const first = entries[0]
  const room = LIMITS.description - watchlist.paused.length - watchlist.empty.length
  const list = clipLines([...marketLines, ...entries.map((entry) => entryLine(entry, texts))], room, (left) =>
    watchlist.more(format.count(left)),
  )
  const body = entries.length + markets.length === 0 ? watchlist.empty : list
  return fitEmbed({
    title:
      first === undefined ? watchlist.title : `${watchlist.title} · ${watchlist.count(format.count(entries.length))}`,
    description: paused ? `${watchlist.paused}\n\n${body}` : body,
    color: COLOURS.info,
    ...(first === undefined ? {} : { footer: { text: provenanceLine(first.stock, texts) } }),
  })
}

const entryLine = ({ stock, last, learning, lastEpisode }: WatchlistEntry, texts: Texts): string => {
  const { format, watchlist } = texts
  const state =
    learning === null ? watchlist.judged : watchlist.learning(format.count(learning.have), format.count(learning.need))
  const line = watchlist.line(
    last === null ? null : format.price(last.close, currencyOf(stock)),
    last === null ? null : format.clock(last.openTime + MINUTE, stock.utcOffsetMinutes),
    state,
  )
  const episode =
    lastEpisode === null ? '' : ` · ${watchlist.lastEpisode(format.moment(lastEpisode.start, stock.utcOffsetMinutes))}`
  return `**${stockLabel(stock, texts)}** ${line}${episode}`
}
