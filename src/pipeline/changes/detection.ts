import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import { type ChangesDetector, fitChangesDetector, LEAST_CHANGE_ROWS } from '../../model/changes/detector.ts'
import type { ChangeRow } from '../../model/changes/rows.ts'
import { ageOf } from '../../model/detector/age.ts'
import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { Session } from '../../model/time/session.ts'
import { createDecider, type Found } from '../episodes/decider.ts'
import type { ChangesSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'

/** What the old system chose: two clusters, one of them abnormal. */
export const CHANGES_K = 2
/** Seed of the random starts of k-means. */
export const KMEANS_SEED = 1
/** How far behind its newest row the table may still be given late ones. */
const LATE_ROWS = 10 * MINUTE
/** Times of rows that are kept in mind of before the session. */
const REMEMBERED = 400
/** Signals of one session that are looked through for those that have been told. */
const TOLD = 1_000

/** What judges one stock through one session: a function of the rows before it. */
export interface ChangesState {
  readonly session: Session
  /** Null while there are too few rows to learn from. */
  readonly detector: ChangesDetector | null
  /** Rows before the session. */
  readonly have: number
}

export interface ChangesDetection {
  /** Judges what the table has been given since the last run, and commits it in one step a session. Safe to run again: a repeat changes nothing. */
  run(symbol: string, signal: AbortSignal): Promise<void>
  /** Times of the newest rows that are known, oldest first; none before the first run. */
  newest(symbol: string, count: number): number[]
  /** What judges the newest session. */
  state(symbol: string, signal: AbortSignal): Promise<ChangesState>
  forget(symbol: string): void
}

interface Runtime extends ChangesState {
  /** Minutes of the session that have been judged, and those that were told before this process began. */
  readonly judged: Set<number>
  readonly told: ReadonlySet<number>
  /** The last rows before the session. */
  readonly before: readonly number[]
}

interface Dependencies {
  readonly source: ChangesSource
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  readonly log: Log
  /** Our clock, for records. */
  readonly now: () => number
}

/** The detect pass of the old table: its rows stay where they are, and only what is new of them is read; all of a stock's once a session, to fit. */
export const createChangesDetection = ({ source, store, log, now }: Dependencies): ChangesDetection => {
  const { series, calendar } = source
  const runtimes = new Map<string, Runtime>()
  const serial = createSerial()
  const decided = createDecider({ series, calendar, store, now })

  const begin = async (symbol: string, session: Session, signal: AbortSignal): Promise<Runtime> => {
    const past = (await source.fetchRows(symbol, null, signal)).filter(({ openTime }) => openTime < session.open)
    const detector = fitChangesDetector(past, { symbol, k: CHANGES_K, seed: KMEANS_SEED, cutoff: session.open })
    const signals = await store.signals.history(series, symbol, TOLD, session.close)
    const times = (of: readonly { readonly openTime: number }[]) => of.map(({ openTime }) => openTime)
    return {
      session,
      detector,
      have: past.length,
      judged: new Set(),
      told: new Set(times(signals)),
      before: times(past.slice(-REMEMBERED)),
    }
  }
  /** While there was too little to learn from, the table may be given its history at any time. */
  const current = (symbol: string, session: Session): Runtime | null => {
    const existing = runtimes.get(symbol)
    return existing?.session.open === session.open && existing.detector !== null ? existing : null
  }
  const ready = async (symbol: string, session: Session, signal: AbortSignal): Promise<Runtime> =>
    current(symbol, session) ??
    // One after another: a year of a stock is many rows in memory at once.
    serial('all', async () => {
      const begun = current(symbol, session)
      if (begun) return begun
      const runtime = await begin(symbol, session, signal)
      runtimes.set(symbol, runtime)
      return runtime
    })

  /** Sessions with minutes that may not have been judged, oldest first; the newest alone when nothing ever was. */
  const sessionsSince = (judgedUntil: number | null, until: number): Session[] => {
    const newest = calendar.lastSession(until - 1)
    if (judgedUntil === null) return [newest]
    if (judgedUntil >= newest.close && until > newest.close + LATE_ROWS) return []
    const sessions = [newest]
    for (let session = newest; session.open > judgedUntil; ) {
      session = calendar.lastSession(session.open - 1)
      if (session.close > judgedUntil) sessions.unshift(session)
    }
    return sessions
  }

  /** Rows of the runtime's session that have closed and not been judged yet. */
  const freshRows = async (
    symbol: string,
    runtime: Runtime,
    until: number,
    signal: AbortSignal,
  ): Promise<ChangeRow[]> => {
    const { session, judged } = runtime
    const newest = Math.max(...judged)
    const rows = await source.fetchRows(symbol, Math.max(session.open, newest - LATE_ROWS), signal)
    return rows.filter(({ openTime }) => openTime >= session.open && openTime < until && !judged.has(openTime))
  }

  const judge = async (
    symbol: string,
    session: Session,
    marketNow: number,
    until: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const runtime = await ready(symbol, session, signal)
    const { detector, judged, told } = runtime
    const end = Math.min(until, session.close)
    const findings: Found[] = []
    for (const row of await freshRows(symbol, runtime, end, signal)) {
      judged.add(row.openTime)
      const verdict = detector?.judge(row)
      if (!detector || !verdict?.abnormal || told.has(row.openTime)) continue
      findings.push({ judged: verdict, horizon: 1, ageMs: ageOf(row.openTime, marketNow), boundary: detector.boundary })
    }
    try {
      await decided(symbol, end, findings)
    } catch (error) {
      runtimes.delete(symbol) // what was judged and not kept is judged again
      throw error
    }
    if (findings.length > 0) log.info({ symbol, signals: findings.length }, 'abnormal minutes')
  }

  return {
    async run(symbol, signal) {
      const marketNow = source.now()
      const until = minuteOf(marketNow)
      for (const session of sessionsSince(await store.signals.judgedUntil(series, symbol), until))
        await judge(symbol, session, marketNow, until, signal)
    },
    newest(symbol, count) {
      const runtime = runtimes.get(symbol)
      return runtime ? [...runtime.before, ...[...runtime.judged].sort((a, b) => a - b)].slice(-count) : []
    },
    state: (symbol, signal) => ready(symbol, calendar.lastSession(source.now()), signal),
    forget: (symbol) => void runtimes.delete(symbol),
  }
}

/** How far a stock without a detector is from its first judgement. */
export const learningOf = ({ have }: Pick<ChangesState, 'have'>): { have: number; need: number } => ({
  have,
  need: LEAST_CHANGE_ROWS,
})
