import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import { type ChangesDetector, fitChangesDetector, LEAST_CHANGE_ROWS } from '../../model/changes/detector.ts'
import type { ChangeRow } from '../../model/changes/rows.ts'
import { ageOf } from '../../model/detector/age.ts'
import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { Session } from '../../model/time/session.ts'
import { createDecider, type Finding } from '../episodes/decider.ts'
import type { ChangesSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Fence } from '../store/records.ts'

/** Number of clusters, as in the old system: one of the two is abnormal. */
export const CHANGES_K = 2
/** Seed of the random starts of k-means. */
export const KMEANS_SEED = 1
/** Rows may be added to the table up to this long before its newest one. */
export const LATE_ROWS = 10 * MINUTE
/** Rows before the session whose times are kept in memory. */
const REMEMBERED = 400
/** Newest signals of a session that are read at the start, so that none is committed twice. */
const TOLD = 1_000

/** The detector of one stock in one session: a function of the rows before that session. */
export interface ChangesState {
  readonly session: Session
  /** Null if there are too few rows to learn from. */
  readonly detector: ChangesDetector | null
  /** Rows before the session. */
  readonly have: number
}

export interface ChangesDetection {
  /** Judges the table's new rows and commits them in one step a session. A repeat changes nothing. */
  run(symbol: string, signal: AbortSignal): Promise<void>
  /** Times of the newest known rows, oldest first; none before the first run. */
  newest(symbol: string, count: number): number[]
  /** The state that judges the newest session. */
  state(symbol: string, signal: AbortSignal): Promise<ChangesState>
  forget(symbol: string): void
}

interface Runtime extends ChangesState {
  /** Judged minutes of the session, and its signals that were committed before this process began. */
  readonly judged: Set<number>
  readonly committed: ReadonlySet<number>
  /** The last rows before the session. */
  readonly before: readonly number[]
}

interface Dependencies {
  readonly source: ChangesSource
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  readonly log: Log
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
  /** Called when posts have been decided. */
  readonly owed?: () => void
  /** For one of several processes that judge: the task under which the symbol is judged here. */
  readonly fenceOf?: (symbol: string) => Fence
}

/** The detect pass of the old table. It reads only new rows, and all rows of a stock once a session, to fit. */
export const createChangesDetection = ({ source, store, log, now, owed, fenceOf }: Dependencies): ChangesDetection => {
  const { series, calendar } = source
  const runtimes = new Map<string, Runtime>()
  const serial = createSerial()
  const decider = createDecider({
    series,
    calendar,
    store,
    now,
    owesPosts: fenceOf === undefined,
    ...(owed ? { owed } : {}),
  })

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
      committed: new Set(times(signals)),
      before: times(past.slice(-REMEMBERED)),
    }
  }
  /** A stock with too few rows may get its history at any time, so its state is built anew. */
  const current = (symbol: string, session: Session): Runtime | null => {
    const existing = runtimes.get(symbol)
    return existing?.session.open === session.open && existing.detector !== null ? existing : null
  }
  const ready = async (symbol: string, session: Session, signal: AbortSignal): Promise<Runtime> =>
    current(symbol, session) ??
    // One stock after another: a year of one is many rows in memory.
    serial('all', async () => {
      const begun = current(symbol, session)
      if (begun) return begun
      const runtime = await begin(symbol, session, signal)
      runtimes.set(symbol, runtime)
      return runtime
    })

  /** Sessions with minutes that may be unjudged, oldest first; the newest alone if nothing was ever judged. */
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

  /** Closed rows of the runtime's session that are not judged yet. */
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
    const { detector, judged, committed } = runtime
    const end = Math.min(until, session.close)
    const findings: Finding[] = []
    for (const row of await freshRows(symbol, runtime, end, signal)) {
      judged.add(row.openTime)
      const verdict = detector?.judge(row)
      if (!detector || !verdict?.abnormal || committed.has(row.openTime)) continue
      findings.push({ judged: verdict, horizon: 1, ageMs: ageOf(row.openTime, marketNow), boundary: detector.boundary })
    }
    try {
      await decider.store({ symbol, until: end, findings, ...(fenceOf ? { fence: fenceOf(symbol) } : {}) })
    } catch (error) {
      runtimes.delete(symbol) // rows that were judged but not committed are judged again
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
    forget(symbol) {
      runtimes.delete(symbol)
      decider.forget(symbol)
    },
  }
}

/** Rows that a stock without a detector has, and needs for its first judgement. */
export const learningOf = ({ have }: Pick<ChangesState, 'have'>): { have: number; need: number } => ({
  have,
  need: LEAST_CHANGE_ROWS,
})
