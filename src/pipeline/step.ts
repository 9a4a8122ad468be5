import { calmAt, extendEpisode } from '../model/episode.ts'
import type { Verdict } from '../model/judgement.ts'
import type { Calendar } from '../model/session.ts'
import { DEFAULT_ALERTS_PER_WEEK } from './channel-settings.ts'
import { budgetDrop, continues, decide, episodeId, isLate } from './decide.ts'
import type { DetectStep, EpisodeRecord, PostRecord, SignalRecord, Store } from './ports.ts'

/** A minute that landed in an abnormal cluster. */
export interface Found {
  readonly judged: Verdict
  /** Since its minute closed, ms of our clock. */
  readonly ageMs: number
  /** The score that is worth a ping at so many alerts a week, by the model that judged the minute. */
  boundary(alertsPerWeek: number): number
}

/** Signals, episodes and posts that these findings of one symbol make, up to the end of what has been judged. */
export type Decider = (symbol: string, judgedUntil: number, findings: readonly Found[]) => Promise<DetectStep>

interface Dependencies {
  readonly venue: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  /** Our clock, for records. */
  readonly now: () => number
}

type Spoken = Pick<PostRecord, 'channelId' | 'kind' | 'state'> & { readonly score: number }

/** An episode that goes on: a function of its minutes, so that one judged twice, or late, counts once and in its place. */
interface Open {
  readonly record: EpisodeRecord
  readonly scores: ReadonlyMap<number, number>
  readonly spoken: Spoken[]
  /** Then the budget need not be why nothing was said. */
  readonly beganLate: boolean
}

export const createDecider = ({ venue, calendar, store, now }: Dependencies): Decider => {
  /** The symbol's episode that has not ended, as it was kept. */
  const kept = async (symbol: string): Promise<Open | null> => {
    const [record] = await store.signals.openEpisodes(venue, symbol)
    if (!record) return null
    const signals = await store.signals.ofEpisode(record.id)
    const scores = new Map(signals.map((signal) => [signal.openTime, signal.score]))
    const posts = await store.outbox.ofEpisode(record.id)
    const spoken = posts.map((post) => ({ ...post, score: scores.get(post.openTime) ?? Number.POSITIVE_INFINITY }))
    return { record, scores, spoken, beganLate: signals[0]?.late ?? false }
  }

  const grown = (symbol: string, open: Open | null, { judged, ageMs }: Found): Open => {
    const scores = new Map([[judged.openTime, judged.score], ...(open?.scores ?? [])])
    const minutes = [...scores].map(([openTime, score]) => ({ openTime, score })).sort((a, b) => a.openTime - b.openTime)
    const [first, ...rest] = minutes
    const episode = rest.reduce(extendEpisode, extendEpisode(null, first ?? judged))
    const record = { ...episode, id: open?.record.id ?? episodeId(venue, symbol, episode.start), venue, symbol, endedAt: null }
    return { record, scores, spoken: open?.spoken ?? [], beganLate: open?.beganLate ?? isLate(ageMs) }
  }

  return async (symbol, judgedUntil, findings) => {
    const createdAt = now()
    const signals: SignalRecord[] = []
    const changed = new Map<string, EpisodeRecord>()
    const posts: PostRecord[] = []
    const watches = await store.watches.ofSymbol(venue, symbol)
    const budgets = await Promise.all(
      watches.map(async (watch) => ({
        watch,
        alertsPerWeek: (await store.watches.settings(watch.channelId))?.alertsPerWeek ?? DEFAULT_ALERTS_PER_WEEK,
      })),
    )
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
      const { judged, ageMs } = found
      if (open && !continues(open.record, judged.openTime)) {
        end(open)
        open = null
      }
      open = grown(symbol, open, found)
      const { record, spoken } = open
      changed.set(record.id, record)
      signals.push(signalOf(record, judged, isLate(ageMs)))
      for (const { watch, alertsPerWeek } of budgets) {
        const listener = { watch, boundary: found.boundary(alertsPerWeek) }
        const post = decide({ openTime: judged.openTime, score: judged.score, ageMs }, record, listener, spoken, createdAt)
        if (!post) continue
        posts.push(post)
        spoken.push({ channelId: post.channelId, kind: post.kind, state: post.state, score: judged.score })
      }
    }
    if (open && judgedUntil >= calmAt(open.record, calendar.lastSession(open.record.last))) end(open)
    return { venue, symbol, judgedUntil, signals, episodes: [...changed.values()], posts, touched: [...changed.keys()] }
  }
}

const signalOf = ({ id, venue, symbol }: EpisodeRecord, judged: Verdict, late: boolean): SignalRecord => ({
  venue,
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
