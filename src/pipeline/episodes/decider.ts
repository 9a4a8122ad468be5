import { createSerial } from '../../async/serial.ts'
import { isLate } from '../../model/detector/age.ts'
import { calmAt, extendEpisode } from '../../model/detector/episode.ts'
import type { Verdict } from '../../model/detector/judgement.ts'
import type { Calendar } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import type { DetectStep, EpisodeRecord, PostRecord, SignalRecord } from '../store/records.ts'
import { type ChannelRate, createChannelRates } from './channel-rates.ts'
import { budgetDrop, continues, decide, episodeId, type ScoredMinute, type Spoken } from './decide.ts'
import { horizonOf } from './stored-judgement.ts'

/** A minute that landed in an abnormal cluster. */
export interface Found {
  readonly judged: Verdict
  /** Minutes of the stretch that makes it odd; 1 is the minute alone. */
  readonly horizon: number
  /** Since its minute closed, ms of our clock. */
  readonly ageMs: number
  /** The score that is worth a ping at so many alerts a stock and session, by the model that judged the minute. */
  boundary(alertsPerSession: number): number
}

/**
 * Keeps what these findings of one symbol make, up to the end of what has been judged: signals, episodes and owed posts, in one step. Channels are decided for
 * one step after another, so that each knows what the ones before have spent of its number.
 */
export type Decider = (symbol: string, judgedUntil: number, findings: readonly Found[]) => Promise<void>

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  /** Our clock, for records. */
  readonly now: () => number
}

/** An episode that goes on: a function of its minutes, so that one judged twice, or late, counts once and in its place. */
interface Open {
  readonly record: EpisodeRecord
  /** Its signals by their minute. */
  readonly minutes: ReadonlyMap<number, ScoredMinute>
  readonly spoken: Spoken[]
  /** Then the budget need not be why nothing was said. */
  readonly beganLate: boolean
}

export const createDecider = ({ series, calendar, store, now }: Dependencies): Decider => {
  const serial = createSerial()
  const rateOf = createChannelRates({ series, calendar, store })
  /** The symbol's episode that has not ended, as it was kept. */
  const kept = async (symbol: string): Promise<Open | null> => {
    const [record] = await store.signals.openEpisodes(series, symbol)
    if (!record) return null
    const signals = await store.signals.ofEpisode(record.id)
    const minutes = new Map(
      signals.map((signal) => [signal.openTime, { ...signal, horizon: horizonOf(signal.judgement) }]),
    )
    const posts = await store.outbox.ofEpisode(record.id)
    const spoken = posts.map((post) => {
      const { score, horizon } = minutes.get(post.openTime) ?? { score: Number.POSITIVE_INFINITY, horizon: 1 }
      return { ...post, score, horizon }
    })
    return { record, minutes, spoken, beganLate: signals[0]?.late ?? false }
  }

  const grown = (symbol: string, open: Open | null, { judged, horizon, ageMs }: Found): Open => {
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
    return { record, minutes, spoken: open?.spoken ?? [], beganLate: open?.beganLate ?? isLate(ageMs) }
  }

  const stepOf = async (symbol: string, judgedUntil: number, findings: readonly Found[]): Promise<DetectStep> => {
    const createdAt = now()
    const signals: SignalRecord[] = []
    const changed = new Map<string, EpisodeRecord>()
    const posts: PostRecord[] = []
    const watches = await store.watches.ofSymbol(series, symbol)
    /** By channel and session. */
    const rates = new Map<string, ChannelRate>()
    const rateIn = async (channelId: string, openTime: number): Promise<ChannelRate> => {
      const key = `${channelId} ${calendar.lastSession(openTime).open}`
      const known = rates.get(key)
      if (known) return known
      const rate = await rateOf(channelId, openTime)
      rates.set(key, rate)
      return rate
    }
    let open = await kept(symbol)

    const end = ({ record, spoken, beganLate }: Open): void => {
      changed.set(record.id, { ...record, endedAt: calmAt(record, calendar.lastSession(record.last)) })
      if (beganLate) return
      for (const watch of watches) {
        const silent = watch.since <= record.start && !spoken.some((post) => post.channelId === watch.channelId)
        if (silent) posts.push(budgetDrop(record, watch, createdAt))
      }
    }

    for (const found of findings) {
      const { judged, horizon, ageMs } = found
      const { openTime, score } = judged
      if (open && !continues(open.record, openTime)) {
        end(open)
        open = null
      }
      open = grown(symbol, open, found)
      const { record, spoken } = open
      const minutes = [...open.minutes.values()]
      changed.set(record.id, record)
      signals.push(signalOf(record, judged, isLate(ageMs)))
      for (const watch of watches) {
        const rate = await rateIn(watch.channelId, openTime)
        const listener = { watch, boundary: found.boundary(rate.allowed()) }
        const post = decide({ openTime, score, horizon, ageMs }, record, listener, minutes, spoken, createdAt)
        if (!post) continue
        if (post.kind === 'alert') rate.spend()
        posts.push(post)
        spoken.push({ channelId: post.channelId, kind: post.kind, state: post.state, openTime, score, horizon })
      }
    }
    if (open && judgedUntil >= calmAt(open.record, calendar.lastSession(open.record.last))) end(open)
    return {
      series,
      symbol,
      judgedUntil,
      signals,
      episodes: [...changed.values()],
      posts,
      touched: [...changed.keys()],
    }
  }

  return async (symbol, judgedUntil, findings) => {
    const keep = async () => store.signals.commit(await stepOf(symbol, judgedUntil, findings))
    await (findings.length > 0 ? serial('all', keep) : keep())
  }
}

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
