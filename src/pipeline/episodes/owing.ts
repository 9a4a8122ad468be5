import type { Calendar } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import type { EpisodeRecord, PostRecord, WatchRecord } from '../store/records.ts'
import { type ChannelRate, createChannelRates } from './channel-rates.ts'
import { budgetDrop, decide, type PostedMinute, type ScoredMinute } from './decide.ts'

/** An episode with all that a decision about it needs. */
export interface OpenEpisode {
  readonly record: EpisodeRecord
  /** Signals by their minute. */
  readonly minutes: ReadonlyMap<number, ScoredMinute>
  /** Posts in all channels; those that are decided are added. */
  readonly posted: PostedMinute[]
  /**
   * True if the first signal was judged or decided about late: the missing ping is then not put down to the channel's
   * number.
   */
  readonly beganLate: boolean
}

/** A signal that channels may be owed a post about. */
export interface OwableMinute extends ScoredMinute {
  /** Time since its minute closed, ms of our clock. */
  readonly ageMs: number
  /** The score that a minute must reach at a given rate of alerts, by the model that judged it. */
  boundary(alertsPerSession: number): number
}

/** Decides what channels are owed. Their rates are read once and drawn on by all that follows. */
export interface Owing {
  /** The posts that a signal is worth. The episode has the signal already. */
  found(minute: OwableMinute, episode: OpenEpisode): Promise<PostRecord[]>
  /** The records of an episode that ends without a ping in a channel. */
  ended(episode: OpenEpisode): Promise<PostRecord[]>
}

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'watches' | 'outbox'>
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
  /** True for a channel of a guild that is decided about here; every guild unless given. */
  readonly owns?: (guildId: string) => boolean
}

/** Makes the decisions of one pass. */
export const createOwing = ({ series, calendar, store, now, owns = () => true }: Dependencies): (() => Owing) => {
  const rateOf = createChannelRates({ series, calendar, store })
  return () => {
    const createdAt = now()
    const rates = new Map<string, ChannelRate>()
    /** Minutes of the alerts that have been decided here, by channel: they steer the sessions after theirs. */
    const decided = new Map<string, number[]>()
    const watches = new Map<string, readonly WatchRecord[]>()
    const watchesOf = async (symbol: string): Promise<readonly WatchRecord[]> => {
      const known = watches.get(symbol)
      if (known) return known
      const read = (await store.watches.ofSymbol(series, symbol)).filter(({ guildId }) => owns(guildId))
      watches.set(symbol, read)
      return read
    }
    const rateIn = async (channelId: string, openTime: number): Promise<ChannelRate> => {
      const key = `${channelId} ${calendar.lastSession(openTime).open}`
      const known = rates.get(key)
      if (known) return known
      const rate = await rateOf(channelId, openTime, decided.get(channelId))
      rates.set(key, rate)
      return rate
    }
    return {
      async found({ openTime, score, horizon, ageMs, boundary }, { record, minutes, posted }) {
        const posts: PostRecord[] = []
        for (const watch of await watchesOf(record.symbol)) {
          const rate = await rateIn(watch.channelId, openTime)
          const listener = { watch, boundary: boundary(rate.allowed()) }
          const finding = { openTime, score, horizon, ageMs }
          const post = decide(finding, record, listener, [...minutes.values()], posted, createdAt)
          if (!post) continue
          if (post.kind === 'alert') {
            rate.spend()
            const minutes = decided.get(watch.channelId)
            if (minutes) minutes.push(openTime)
            else decided.set(watch.channelId, [openTime])
          }
          posts.push(post)
          posted.push({ channelId: post.channelId, kind: post.kind, state: post.state, openTime, score, horizon })
        }
        return posts
      },
      async ended({ record, posted, beganLate }) {
        if (beganLate) return []
        const isSilent = ({ channelId, since }: WatchRecord) =>
          since <= record.start && !posted.some((post) => post.channelId === channelId)
        const silent = (await watchesOf(record.symbol)).filter(isSilent)
        return silent.map((watch) => budgetDrop(record, watch, createdAt))
      },
    }
  }
}
