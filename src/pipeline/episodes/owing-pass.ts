import { ageOf, isLate } from '../../model/detector/age.ts'
import { DAY } from '../../model/time/bar.ts'
import type { Calendar } from '../../model/time/session.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { PostRecord, SignalRecord, Undecided, UndecidedEpisode } from '../store/records.ts'
import type { ScoredMinute } from './decide.ts'
import { episodeOf } from './decider.ts'
import { createOwing, type OpenEpisode, type Owing } from './owing.ts'
import { horizonOf } from './stored-judgement.ts'

/** Episodes that ended longer ago (our time) are history: nothing is owed about them. */
const LONGEST_BACK = DAY

/** The score that a minute must reach at a given rate of alerts, by a stored model; null if the model is gone. */
export type StoredBoundary = (signal: SignalRecord) => Promise<((alertsPerSession: number) => number) | null>

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'speed' | 'now'>
  readonly calendar: Calendar
  readonly store: Pick<Store, 'decisions' | 'watches' | 'outbox'>
  /** The name under which this owner's progress is stored. */
  readonly owner: string
  /** True for a guild whose channels this owner decides about. */
  readonly owns: (guildId: string) => boolean
  readonly boundaryOf: StoredBoundary
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

/** An episode that gets its new signals one by one. */
interface GrowingEpisode extends OpenEpisode {
  readonly minutes: Map<number, ScoredMinute>
}

/** A signal that is new to the owner. */
interface NewSignal {
  readonly signal: SignalRecord
  readonly episode: GrowingEpisode
}

/**
 * The pass of one owner of channels, where detectors write signals only: decides from the store what its channels are
 * owed, in the order of market minutes. A repeat changes nothing.
 *
 * @returns a pass that answers if there is anything to send
 */
export const createOwingPass = ({
  source,
  calendar,
  store,
  owner,
  owns,
  boundaryOf,
  now,
}: Dependencies): (() => Promise<boolean>) => {
  const { series } = source
  const newOwing = createOwing({ series, calendar, store, now, owns })

  /** The episode as the owner knew it, to which the new signals are added one by one. */
  const knownEpisode = async ({
    record,
    signals,
    fresh,
  }: UndecidedEpisode): Promise<{ posts: readonly PostRecord[]; episode: GrowingEpisode }> => {
    const posts = (await store.outbox.ofEpisode(record.id)).filter(({ guildId }) => owns(guildId))
    const whole = episodeOf(record, signals, posts)
    const minutes = new Map([...whole.minutes].filter(([openTime]) => !fresh.has(openTime)))
    const isDecidedLate = fresh.has(record.start) && isLate(ageOf(record.start, source.now(), source.speed))
    return { posts, episode: { ...whole, minutes, beganLate: whole.beganLate || isDecidedLate } }
  }

  const decideSignal = async ({ signal, episode }: NewSignal, owing: Owing): Promise<PostRecord[]> => {
    const { openTime, score, judgement } = signal
    const minute = { openTime, score, horizon: horizonOf(judgement) }
    episode.minutes.set(openTime, minute)
    const boundary = await boundaryOf(signal)
    const ageMs = ageOf(openTime, source.now(), source.speed)
    return boundary === null ? [] : owing.found({ ...minute, ageMs, boundary }, episode)
  }

  const decide = async (symbols: readonly Undecided[]) => {
    const owing = newOwing()
    const posts: PostRecord[] = []
    const touched: string[] = []
    const ended: OpenEpisode[] = []
    const signals: NewSignal[] = []
    for (const { episodes } of symbols)
      for (const changed of episodes) {
        const known = await knownEpisode(changed)
        touched.push(...known.posts.filter(({ state }) => state !== 'dropped').map(({ id }) => id))
        if (changed.record.endedAt !== null) ended.push(known.episode)
        for (const signal of changed.signals)
          if (changed.fresh.has(signal.openTime)) signals.push({ signal, episode: known.episode })
      }
    signals.sort((a, b) => a.signal.openTime - b.signal.openTime || (a.signal.symbol < b.signal.symbol ? -1 : 1))
    for (const one of signals) posts.push(...(await decideSignal(one, owing)))
    for (const episode of ended) posts.push(...(await owing.ended(episode)))
    return { posts, touched }
  }

  return async () => {
    const since = Math.max(0, source.now() - LONGEST_BACK * (source.speed ?? 1))
    const symbols = await store.decisions.undecided(series, owner, since)
    if (symbols.length === 0) return false
    const decided = new Map(symbols.map(({ symbol, revision }) => [symbol, revision]))
    const made = await decide(symbols)
    await store.decisions.decide({ series, owner, decided, ...made })
    return made.posts.some(({ state }) => state === 'pending') || made.touched.length > 0
  }
}
