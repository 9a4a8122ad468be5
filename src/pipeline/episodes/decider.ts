import { createGroup } from '../../async/group.ts'
import { isLate } from '../../model/detector/age.ts'
import { calmAt, extendEpisode } from '../../model/detector/episode.ts'
import type { Verdict } from '../../model/detector/judgement.ts'
import type { Calendar } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import type { DetectStep, EpisodeRecord, Fence, FreshBars, PostRecord, SignalRecord } from '../store/records.ts'
import { continues, episodeId, type ScoredMinute } from './decide.ts'
import { createOwing, type OpenEpisode, type Owing } from './owing.ts'
import { horizonOf } from './stored-judgement.ts'

/** A minute that landed in an abnormal cluster. */
export interface Finding {
  readonly judged: Verdict
  /** Minutes of the stretch that makes it odd; 1 is the minute alone. */
  readonly horizon: number
  /** Time since its minute closed, ms of our clock. */
  readonly ageMs: number
  /** The score that a minute must reach at a given rate of alerts, by the model that judged it. */
  boundary(alertsPerSession: number): number
}

/** The minutes of one symbol that a pass has judged. */
export interface JudgedMinutes {
  readonly symbol: string
  /** End (exclusive) of the judged minutes. */
  readonly until: number
  /** In time order. */
  readonly findings: readonly Finding[]
  /** Their bars, if they are not stored yet. */
  readonly fresh?: FreshBars
  /** The task under which they were judged, where several processes judge. */
  readonly fence?: Fence
}

/**
 * Stores judged minutes together with the signals, episodes and owed posts that they make. Symbols that are handed in
 * together are decided in the order of market minutes, so that each knows the alerts that the ones before have used,
 * and stored in one transaction.
 */
export interface Decider {
  store(minutes: JudgedMinutes): Promise<void>
  /** Drops what is known of the symbol's episodes, because another process may have stored some. */
  forget(symbol: string): void
}

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
  /** False where the owners of channels decide by themselves what these are owed; true unless given. */
  readonly owesPosts?: boolean
  /** Called when posts have been stored that are to be sent. */
  readonly owed?: () => void
}

/** Decides nothing and touches nothing. */
const NOTHING_OWED: Owing = { found: async () => [], ended: async () => [] }

export const createDecider = ({
  series,
  calendar,
  store: kept,
  now,
  owesPosts = true,
  owed,
}: Dependencies): Decider => {
  const newOwing = owesPosts ? createOwing({ series, calendar, store: kept, now }) : () => NOTHING_OWED
  /** The symbol's stored open episode. */
  const storedEpisode = async (symbol: string): Promise<OpenEpisode | null> => {
    const [record] = await kept.signals.openEpisodes(series, symbol)
    if (!record) return null
    const signals = await kept.signals.ofEpisode(record.id)
    return episodeOf(record, signals, owesPosts ? await kept.outbox.ofEpisode(record.id) : [])
  }

  /**
   * The episode with one more signal. It is a function of its minutes, so a minute that is judged twice or late counts
   * once, in its place.
   */
  const grown = (symbol: string, open: OpenEpisode | null, { judged, horizon, ageMs }: Finding): OpenEpisode => {
    const { openTime, score } = judged
    const minutes = new Map<number, ScoredMinute>([[openTime, { openTime, score, horizon }], ...(open?.minutes ?? [])])
    const [first, ...rest] = [...minutes.values()].sort((a, b) => a.openTime - b.openTime)
    const episode = rest.reduce(extendEpisode, extendEpisode(null, first ?? judged))
    const record = {
      ...episode,
      id: open?.record.id ?? episodeId(series, symbol, episode.start),
      series,
      symbol,
      endedAt: null,
    }
    return { record, minutes, posted: open?.posted ?? [], beganLate: open?.beganLate ?? isLate(ageMs) }
  }

  const stepOf = async (judgedMinutes: JudgedMinutes, owing: Owing): Promise<{ step: DetectStep; isOpen: boolean }> => {
    const { symbol, until, findings } = judgedMinutes
    const signals: SignalRecord[] = []
    const changed = new Map<string, EpisodeRecord>()
    const posts: PostRecord[] = []
    let open = await storedEpisode(symbol)

    const end = async (episode: OpenEpisode): Promise<void> => {
      const { record } = episode
      changed.set(record.id, { ...record, endedAt: calmAt(record, calendar.lastSession(record.last)) })
      posts.push(...(await owing.ended(episode)))
    }

    for (const finding of findings) {
      const { judged, horizon, ageMs, boundary } = finding
      const { openTime, score } = judged
      if (open && !continues(open.record, openTime)) {
        await end(open)
        open = null
      }
      open = grown(symbol, open, finding)
      changed.set(open.record.id, open.record)
      signals.push(signalOf(open.record, judged, isLate(ageMs)))
      posts.push(...(await owing.found({ openTime, score, horizon, ageMs, boundary }, open)))
    }
    const isOver = open !== null && until >= calmAt(open.record, calendar.lastSession(open.record.last))
    if (open && isOver) await end(open)
    const touched = owesPosts ? [...changed.keys()] : []
    const step = { ...stepWithout(judgedMinutes), signals, episodes: [...changed.values()], posts, touched }
    return { step, isOpen: open !== null && !isOver }
  }

  /** The step of minutes without findings. */
  const stepWithout = ({ symbol, until, fresh, fence }: JudgedMinutes): DetectStep => {
    const nothing = { signals: [], episodes: [], posts: [], touched: [] }
    return { series, symbol, judgedUntil: until, ...nothing, ...(fresh ? { fresh } : {}), ...(fence ? { fence } : {}) }
  }

  /** Symbols that may have an open episode; null until they are read. */
  let open: Set<string> | null = null
  const store = createGroup(async (group: readonly JudgedMinutes[]) => {
    open ??= new Set((await kept.signals.openEpisodes(series)).map(({ symbol }) => symbol))
    const owing = newOwing()
    const steps: DetectStep[] = []
    const isOpen = new Map<string, boolean>()
    for (const minutes of group.toSorted((a, b) => firstOf(a) - firstOf(b))) {
      const { symbol } = minutes
      if (minutes.findings.length === 0 && !open.has(symbol)) steps.push(stepWithout(minutes))
      else {
        const made = await stepOf(minutes, owing)
        steps.push(made.step)
        isOpen.set(symbol, made.isOpen)
      }
    }
    await kept.signals.commit(...steps)
    if (steps.some(({ posts }) => posts.some(({ state }) => state === 'pending'))) owed?.()
    for (const [symbol, is] of isOpen) {
      if (is) open.add(symbol)
      else open.delete(symbol)
    }
  })
  return { store, forget: (symbol) => void open?.add(symbol) }
}

/** A stored episode as decisions need it. */
export const episodeOf = (
  record: EpisodeRecord,
  signals: readonly SignalRecord[],
  posts: readonly PostRecord[],
): OpenEpisode => {
  const minutes = new Map(
    signals.map((signal) => [signal.openTime, { ...signal, horizon: horizonOf(signal.judgement) }]),
  )
  const posted = posts.map((post) => {
    const { score, horizon } = minutes.get(post.openTime) ?? { score: Number.POSITIVE_INFINITY, horizon: 1 }
    return { ...post, score, horizon }
  })
  return { record, minutes, posted, beganLate: signals[0]?.late ?? false }
}

/** Time of the first finding; minutes without one come last. */
const firstOf = ({ findings }: JudgedMinutes): number => findings[0]?.judged.openTime ?? Number.POSITIVE_INFINITY

const signalOf = ({ id, series, symbol }: EpisodeRecord, judged: Verdict, late: boolean): SignalRecord => ({
  series,
  symbol,
  openTime: judged.openTime,
  modelId: judged.modelId,
  score: judged.score,
  rank: judged.severity.rank,
  of: judged.severity.of,
  judgement: JSON.stringify(judged),
  episodeId: id,
  late,
})
