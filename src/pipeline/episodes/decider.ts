import { createGroup } from '../../async/group.ts'
import { isLate } from '../../model/detector/age.ts'
import { calmAt, extendEpisode } from '../../model/detector/episode.ts'
import type { Verdict } from '../../model/detector/judgement.ts'
import type { Calendar } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import type { DetectStep, EpisodeRecord, FreshBars, PostRecord, SignalRecord } from '../store/records.ts'
import { type ChannelRate, createChannelRates } from './channel-rates.ts'
import { budgetDrop, continues, decide, episodeId, type PostedMinute, type ScoredMinute } from './decide.ts'
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
}

/**
 * Stores judged minutes together with the signals, episodes and owed posts that they make. Symbols that are handed in
 * together are decided in the order of market minutes, so that each knows the alerts that the ones before have used,
 * and stored in one transaction.
 */
export type Decider = (minutes: JudgedMinutes) => Promise<void>

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

/**
 * An open episode. It is a function of its minutes, so a minute that is judged twice or late counts once, in its place.
 */
interface Open {
  readonly record: EpisodeRecord
  /** Signals by their minute. */
  readonly minutes: ReadonlyMap<number, ScoredMinute>
  readonly posted: PostedMinute[]
  /** True if the first signal was late: the missing ping is then not put down to the channel's number. */
  readonly beganLate: boolean
}

export const createDecider = ({ series, calendar, store, now }: Dependencies): Decider => {
  const rateOf = createChannelRates({ series, calendar, store })
  /** The symbol's stored open episode. */
  const storedEpisode = async (symbol: string): Promise<Open | null> => {
    const [record] = await store.signals.openEpisodes(series, symbol)
    if (!record) return null
    const signals = await store.signals.ofEpisode(record.id)
    const minutes = new Map(
      signals.map((signal) => [signal.openTime, { ...signal, horizon: horizonOf(signal.judgement) }]),
    )
    const posts = await store.outbox.ofEpisode(record.id)
    const posted = posts.map((post) => {
      const { score, horizon } = minutes.get(post.openTime) ?? { score: Number.POSITIVE_INFINITY, horizon: 1 }
      return { ...post, score, horizon }
    })
    return { record, minutes, posted, beganLate: signals[0]?.late ?? false }
  }

  const grown = (symbol: string, open: Open | null, { judged, horizon, ageMs }: Finding): Open => {
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

  const stepOf = async ({ symbol, until, findings, fresh }: JudgedMinutes, rates: Map<string, ChannelRate>) => {
    const createdAt = now()
    const signals: SignalRecord[] = []
    const changed = new Map<string, EpisodeRecord>()
    const posts: PostRecord[] = []
    const watches = await store.watches.ofSymbol(series, symbol)
    const rateIn = async (channelId: string, openTime: number): Promise<ChannelRate> => {
      const key = `${channelId} ${calendar.lastSession(openTime).open}`
      const known = rates.get(key)
      if (known) return known
      const rate = await rateOf(channelId, openTime)
      rates.set(key, rate)
      return rate
    }
    let open = await storedEpisode(symbol)

    const end = ({ record, posted, beganLate }: Open): void => {
      changed.set(record.id, { ...record, endedAt: calmAt(record, calendar.lastSession(record.last)) })
      if (beganLate) return
      for (const watch of watches) {
        const silent = watch.since <= record.start && !posted.some((post) => post.channelId === watch.channelId)
        if (silent) posts.push(budgetDrop(record, watch, createdAt))
      }
    }

    for (const finding of findings) {
      const { judged, horizon, ageMs } = finding
      const { openTime, score } = judged
      if (open && !continues(open.record, openTime)) {
        end(open)
        open = null
      }
      open = grown(symbol, open, finding)
      const { record, posted } = open
      const minutes = [...open.minutes.values()]
      changed.set(record.id, record)
      signals.push(signalOf(record, judged, isLate(ageMs)))
      for (const watch of watches) {
        const rate = await rateIn(watch.channelId, openTime)
        const listener = { watch, boundary: finding.boundary(rate.allowed()) }
        const post = decide({ openTime, score, horizon, ageMs }, record, listener, minutes, posted, createdAt)
        if (!post) continue
        if (post.kind === 'alert') rate.spend()
        posts.push(post)
        posted.push({ channelId: post.channelId, kind: post.kind, state: post.state, openTime, score, horizon })
      }
    }
    if (open && until >= calmAt(open.record, calendar.lastSession(open.record.last))) end(open)
    const episodes = [...changed.values()]
    return {
      ...stepWithout({ symbol, until, findings, ...(fresh ? { fresh } : {}) }),
      signals,
      episodes,
      posts,
      touched: [...changed.keys()],
    }
  }

  /** The step of minutes without findings. */
  const stepWithout = ({ symbol, until, fresh }: JudgedMinutes): DetectStep => {
    const nothing = { signals: [], episodes: [], posts: [], touched: [] }
    return { series, symbol, judgedUntil: until, ...nothing, ...(fresh ? { fresh } : {}) }
  }

  /** Symbols with an open episode; null until they are read. */
  let open: Set<string> | null = null
  return createGroup(async (group) => {
    open ??= new Set((await store.signals.openEpisodes(series)).map(({ symbol }) => symbol))
    /** Rates by channel and session, which the whole group draws on. */
    const rates = new Map<string, ChannelRate>()
    const steps: DetectStep[] = []
    for (const minutes of group.toSorted((a, b) => firstOf(a) - firstOf(b))) {
      const isQuiet = minutes.findings.length === 0 && !open.has(minutes.symbol)
      steps.push(isQuiet ? stepWithout(minutes) : await stepOf(minutes, rates))
    }
    await store.signals.commit(...steps)
    for (const { symbol, episodes } of steps) {
      const newest = episodes.at(-1)
      if (newest?.endedAt === null) open.add(symbol)
      else if (newest) open.delete(symbol)
    }
  })
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
