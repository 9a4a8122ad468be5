import { createTurns } from '../../async/turns.ts'
import type { Log } from '../../log.ts'
import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { SeriesKeeper } from '../run/pipeline.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import { backfill, lookFurtherBack } from './backfill.ts'
import { collect } from './collect.ts'
import type { Intake } from './intake.ts'
import { createLivePass } from './live-pass.ts'
import type { Positions } from './positions.ts'
import type { KeptDetection } from './publishing.ts'
import type { Rereads } from './rereads.ts'

/** Market time between two searches for older minutes in a history that other programs may add to. */
const LOOK_BACK_EVERY = 30 * MINUTE
/** Longest time at the end for storing rolling states; those that are left are replayed from older ones. */
const LONGEST_KEEPING_MS = 1_000

interface Dependencies {
  readonly source: BarSource
  readonly rereads: Rereads
  readonly store: Pick<Store, 'bars'>
  readonly positions: Positions
  readonly detection: KeptDetection
  readonly log: Log
}

/** Symbols are judged for so long before other work of the process gets its turn, in milliseconds. */
const TURN_MS = 8

/** True in one minute of thirty for each symbol, in different minutes for different symbols. */
const isTurnOf = (symbol: string, time: number): boolean => {
  let sum = 0
  for (const letter of symbol) sum = (31 * sum + letter.charCodeAt(0)) % 30
  return Math.floor(time / MINUTE) % 30 === sum
}

/** Collects and stores bars, and has them judged by a model of the stock's own past. */
export const createBarsKeeper = ({ source, rereads, store, positions, detection, log }: Dependencies): SeriesKeeper => {
  const intake: Intake = { source, rereads, bars: store.bars }
  /** Symbols whose stored bars are all judged, as far as this process knows. */
  const judged = new Set<string>()
  const lookedBackAt = new Map<string, number>()
  const turn = createTurns(TURN_MS)
  const livePass = createLivePass({ source, rereads, positions, detection })

  const lookBack: SeriesKeeper['catchUp'] = async (symbol, signal) => {
    const now = source.now()
    if (!source.historyGrows || now - (lookedBackAt.get(symbol) ?? Number.NEGATIVE_INFINITY) < LOOK_BACK_EVERY) return
    const [oldest] = await lookFurtherBack(intake, symbol, signal)
    lookedBackAt.set(symbol, now)
    positions.forget(symbol)
    if (oldest === undefined) return
    log.info({ symbol, from: oldest.openTime }, 'older minutes have been added to the source')
    // Forgetting comes first: if the run fails, nothing is judged by a past without these bars.
    detection.forget(symbol)
    await detection.run(symbol, oldest.openTime)
  }

  /**
   * Ends with the minutes that had closed at the call: with a fast clock more close meanwhile, and they belong to the
   * next pass.
   */
  const catchUp: SeriesKeeper['catchUp'] = async (symbol, signal) => {
    const end = minuteOf(source.now())
    // `backfill` and `import` may write to the same series beside the bot: their bars are noticed within half an hour.
    if (isTurnOf(symbol, end)) positions.doubt(symbol)
    await lookBack(symbol, signal)
    for (;;) {
      // A source and a store without a network never yield: everything else in the process gets its turn here.
      await turn()
      signal.throwIfAborted()
      const reached = judged.has(symbol) ? await livePass(symbol, signal) : null
      if (reached !== null) {
        if (reached >= end) return
        continue
      }
      positions.forget(symbol)
      const collected = await collect(intake, symbol, signal)
      if (collected === null && judged.has(symbol)) return
      judged.delete(symbol)
      await detection.run(symbol, collected?.bars[0]?.openTime)
      judged.add(symbol)
      if (collected === null || collected.covered.to >= end) return
    }
  }
  return {
    async fetchHistory(symbol, tell, signal) {
      await backfill(
        intake,
        symbol,
        source.historySessions,
        ({ bars, sessionsDone, sessionsTotal }) =>
          tell({ phase: 'fetch', bars, done: sessionsDone, total: sessionsTotal }),
        signal,
      )
    },
    async learn(symbol, tell, signal) {
      tell({ phase: 'train', bars: await store.bars.count(source.series, symbol), done: 0, total: 1 })
      await detection.run(symbol)
      await catchUp(symbol, signal)
    },
    catchUp,
    async train(symbols, signal) {
      await detection.train(symbols, signal)
      await detection.keepStates(signal)
    },
    end: () => detection.keepStates(AbortSignal.timeout(LONGEST_KEEPING_MS)),
    forget(symbol) {
      lookedBackAt.delete(symbol)
      judged.delete(symbol)
      positions.forget(symbol)
      detection.forget(symbol)
    },
  }
}
