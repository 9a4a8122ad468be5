import { DAY, MINUTE } from '../../model/time/bar.ts'
import type { Notice } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { clip, LIMITS } from './limits.ts'
import { stockLabel } from './stock.ts'

/** Number of stocks that are named; the others are counted. */
const NAMED = 3

/** The sentence of a notice: the state of the feed, since when, and the bot's reaction to it. */
export const noticeContent = (notice: Notice, texts: Texts): string => {
  const { notices, format } = texts
  const { kind, stocks, since, at } = notice
  const [first] = stocks
  const offset = first?.utcOffsetMinutes ?? 0
  const dayOf = (time: number) => Math.floor((time + offset * MINUTE) / DAY)
  const day = format.day(new Date(dayOf(at) * DAY).toISOString().slice(0, 10))
  const sentence = (): string => {
    if (kind === 'closed' || kind === 'open') return notices[kind](day)
    const when = dayOf(since) === dayOf(at) ? format.clock(since, offset) : format.moment(since, offset)
    return notices[kind](named(notice, texts), first?.series ?? '', when)
  }
  // The line has no footer, so it says itself that its market is not the real one.
  const real = first === undefined || first.provenance.kind === 'real'
  return clip(real ? sentence() : `${sentence()} · ${first.provenance.kind.toUpperCase()}`, LIMITS.content)
}

const named = ({ stocks }: Notice, texts: Texts): string => {
  const list = stocks
    .slice(0, NAMED)
    .map((stock) => stockLabel(stock, texts))
    .join(', ')
  return stocks.length > NAMED ? texts.notices.more(list, texts.format.count(stocks.length - NAMED)) : list
}
