import { createSerial } from '../../async/serial.ts'
import { FencedError, RetryableError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { MINUTE } from '../../model/time/bar.ts'
import { type Calendar, isSessionMinute } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import type { FreshBars } from '../store/records.ts'
import type { Fences } from '../topic/fences.ts'
import { fromMessage, isOurs, type Piece } from '../topic/message.ts'
import { type ForeignBar, readOldMessage } from '../topic/old-messages.ts'
import type { PartitionWork, Received } from '../topic/subscription.ts'
import type { Detection } from './detection.ts'

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'bars' | 'leases' | 'watches'>
  readonly detection: Pick<Detection, 'run' | 'judge' | 'position' | 'commit' | 'forget'>
  readonly fences: Fences
  /** The symbol of other programs' messages that do not name one. */
  readonly fallbackSymbol: string | null
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
}

/** The work of a detector, and what it has passed over. */
export interface TopicWork extends PartitionWork {
  /** Messages that could not be read, since the start. */
  passedOver(): number
  /** Frees the state of symbols that nobody watches any more. */
  forgetUnwatched(): Promise<void>
}

/**
 * Judges what comes in the topic. A collector's minutes are in the store already: those that follow what is in memory
 * are judged as they come, and all else is judged from the store. Other programs' bars are stored with their judgement.
 */
export const createTopicWork = (dependencies: Dependencies): TopicWork => {
  const { series, calendar, store, detection, fences, fallbackSymbol, log, now } = dependencies
  const serial = createSerial()
  let passed = 0
  const told = new Set<string>()

  const passOver = (sentence: string): null => {
    passed++
    const kind = sentence.replaceAll(/\d+/g, '')
    if (!told.has(kind)) log.warn({ problem: sentence }, 'a message in the topic was passed over')
    told.add(kind)
    return null
  }

  const judgeStored = async (symbol: string, fresh: FreshBars): Promise<void> => {
    const position = detection.position(symbol)
    if (position && position.to >= fresh.covered.to) return
    const minutes = position?.to === fresh.covered.from ? await detection.judge(symbol, position, fresh) : null
    if (minutes === null) return detection.run(symbol)
    const { fresh: _, ...judged } = minutes
    await detection.commit(judged)
  }

  const judgePieces = async (symbol: string, pieces: readonly Piece[]): Promise<void> => {
    for (const stretch of stretchesOf(pieces)) {
      if (stretch.again === null) await judgeStored(symbol, stretch)
      else await detection.run(symbol, stretch.again)
    }
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

  const inTurn = (symbol: string, work: () => Promise<void>): Promise<void> =>
    serial(symbol, () =>
      work().catch((error: unknown) => {
        // The state in memory may be ahead of the store; the next work on the symbol builds it anew.
        detection.forget(symbol)
        throw error
      }),
    )

  const workOn = (symbol: string, { pieces, foreign }: Work): Promise<void> =>
    inTurn(symbol, async () => {
      if (pieces.length > 0) await judgePieces(symbol, pieces)
      if (foreign.length > 0) await storeAndJudge(symbol, foreign)
    }).catch((error: unknown) => {
      if (error instanceof RetryableError || error instanceof FencedError) throw error
      log.error({ symbol, err: error }, 'a stock could not be judged; its next minute tries again from the store')
    })

  const judgeFromStore = (symbol: string): Promise<void> => inTurn(symbol, () => detection.run(symbol))

  const read = (message: Received): Piece | ForeignBar | null => {
    if (isOurs(message)) {
      const piece = fromMessage(message)
      if (typeof piece === 'string') return passOver(piece)
      return piece.series === series
        ? piece
        : passOver(`a message of series ${piece.series}: this process judges ${series}`)
    }
    const bar = readOldMessage(message, fallbackSymbol)
    if (typeof bar === 'string') return passOver(bar)
    return isSessionMinute(calendar, bar.openTime)
      ? bar
      : passOver(`a message of ${bar.symbol} lies outside the market hours: ${new Date(bar.openTime).toISOString()}`)
  }

  return {
    async assigned(partitions, count) {
      const watched = await store.watches.symbols(series)
      const goesOn = await fences.claim(partitions, count)
      for (const symbol of new Set([...fences.symbols(), ...watched])) if (!goesOn(symbol)) detection.forget(symbol)
      // What was judged last may lie before what is stored; a message that comes meanwhile waits for its symbol alone.
      for (const symbol of watched)
        if (fences.holds(symbol) && !goesOn(symbol))
          judgeFromStore(symbol).catch((error: unknown) =>
            log.warn({ symbol, err: error }, 'a stock waits to be judged'),
          )
    },
    async handle(messages) {
      const bySymbol = new Map<string, Work>()
      for (const message of messages) {
        const found = read(message)
        if (found === null) continue
        fences.cameIn(found.symbol, message.partition)
        const work = bySymbol.get(found.symbol) ?? { pieces: [], foreign: [] }
        bySymbol.set(found.symbol, work)
        if ('covered' in found) work.pieces.push(found)
        else work.foreign.push(found)
      }
      const results = await Promise.allSettled([...bySymbol].map(([symbol, work]) => workOn(symbol, work)))
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    },
    passedOver: () => passed,
    async forgetUnwatched() {
      const watched = new Set(await store.watches.symbols(series))
      for (const symbol of fences.symbols()) if (!watched.has(symbol)) detection.forget(symbol)
    },
  }
}

/** What has come of one symbol, in order. */
interface Work {
  readonly pieces: Piece[]
  readonly foreign: ForeignBar[]
}

interface StretchToJudge extends FreshBars {
  readonly again: number | null
}

/** Joins pieces that follow each other. */
const stretchesOf = (pieces: readonly Piece[]): StretchToJudge[] => {
  const stretches: { bars: Piece['bar'][]; covered: { from: number; to: number }; again: number | null }[] = []
  for (const { bar, covered, again } of pieces) {
    const last = stretches.at(-1)
    if (last && again === null && last.covered.to === covered.from) {
      last.covered.to = covered.to
      if (bar) last.bars.push(bar)
    } else stretches.push({ bars: bar ? [bar] : [], covered: { ...covered }, again })
  }
  return stretches as StretchToJudge[]
}
