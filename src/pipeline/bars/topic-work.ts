import type { Log } from '../../log.ts'
import { type Bar, MINUTE } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { type Calendar, isSessionMinute } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import type { FreshBars } from '../store/records.ts'
import type { Fences } from '../topic/fences.ts'
import { fromMessage, isOurs, type Piece } from '../topic/message.ts'
import { type ForeignBar, isForeignChange, readOldMessage } from '../topic/old-messages.ts'
import { createPartitionWork, type TopicWork } from '../topic/partition-work.ts'
import type { Received } from '../topic/subscription.ts'
import type { Detection } from './detection.ts'

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'bars' | 'watches'>
  readonly detection: Pick<Detection, 'run' | 'judge' | 'position' | 'commit' | 'forget'>
  readonly fences: Fences
  /** The symbol of other programs' messages that do not name one. */
  readonly fallbackSymbol: string | null
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
}

/**
 * Judges what comes in the topic. A collector's minutes are in the store already: those that follow what is in memory
 * are judged as they come, and all else is judged from the store. Other programs' bars are stored with their judgement.
 */
export const createTopicWork = (dependencies: Dependencies): TopicWork => {
  const { series, calendar, store, detection, fences, fallbackSymbol, log, now } = dependencies

  const judgeStretch = async (symbol: string, fresh: FreshBars): Promise<void> => {
    const position = detection.position(symbol)
    if (position && position.to >= fresh.covered.to) return
    const minutes = position?.to === fresh.covered.from ? await detection.judge(symbol, position, fresh) : null
    if (minutes === null) return detection.run(symbol)
    const { fresh: _, ...judged } = minutes
    await detection.commit(judged)
  }

  /** Other programs' bars may come in any order and at any time. */
  const storeAndJudge = async (symbol: string, foreign: readonly ForeignBar[]): Promise<void> => {
    const receivedAt = now()
    const bars = [...new Map(foreign.map((bar) => [bar.openTime, { ...bar, series, receivedAt }])).values()]
    bars.sort((a, b) => a.openTime - b.openTime)
    const coverage = await store.bars.coverage(series, symbol)
    const first = bars[0]!.openTime
    const end = bars.at(-1)!.openTime + MINUTE
    if (coverage && first >= coverage.to) {
      const minutes = await detection.judge(symbol, coverage, { bars, covered: { from: coverage.to, to: end } })
      if (minutes) return detection.commit(minutes)
    }
    const covered = { from: Math.min(first, coverage?.to ?? first), to: Math.max(end, coverage?.from ?? end) }
    const changed = await store.bars.save(series, symbol, bars, covered, fences.of(symbol))
    await detection.run(symbol, changed[0]?.openTime)
  }

  const read = (message: Received): Piece | ForeignBar | string => {
    if (isOurs(message)) {
      const piece = fromMessage(message)
      if (typeof piece === 'string' || piece.series === series) return piece
      return `a message is of series ${piece.series}, and this process judges ${series}`
    }
    const found = readOldMessage(message, fallbackSymbol)
    if (typeof found === 'string') return found
    if (isForeignChange(found))
      return `a message of ${found.symbol} holds percentages (per_price, per_volume): SOURCE=kafka judges these`
    if (isSessionMinute(calendar, found.openTime)) return found
    return `a message of ${found.symbol} lies outside the market hours: ${new Date(found.openTime).toISOString()}`
  }

  return createPartitionWork<Piece | ForeignBar>({
    fences,
    watched: () => store.watches.symbols(series),
    read,
    async judge(symbol, items) {
      for (const stretch of stretchesOf(items.filter((item) => 'covered' in item))) {
        if (stretch.again === null) await judgeStretch(symbol, stretch)
        else await detection.run(symbol, stretch.again)
      }
      const foreign = items.filter((item): item is ForeignBar => !('covered' in item))
      if (foreign.length > 0) await storeAndJudge(symbol, foreign)
    },
    judgeStored: (symbol) => detection.run(symbol),
    forget: detection.forget,
    log,
  })
}

interface StretchToJudge extends FreshBars {
  readonly again: number | null
}

/** Joins pieces that follow each other. */
const stretchesOf = (pieces: readonly Piece[]): StretchToJudge[] => {
  const stretches: { bars: Bar[]; covered: Interval; again: number | null }[] = []
  for (const { bar, covered, again } of pieces) {
    const last = stretches.at(-1)
    if (last && again === null && last.covered.to === covered.from) {
      last.covered = { from: last.covered.from, to: covered.to }
      if (bar) last.bars.push(bar)
    } else stretches.push({ bars: bar ? [bar] : [], covered, again })
  }
  return stretches
}
