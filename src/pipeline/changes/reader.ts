import { withPatience } from '../../async/patience.ts'
import type { SeedJudged } from '../../model/changes/detector.ts'
import { fitSeedCenters } from '../../model/detector/centers.ts'
import { readSeedJudged } from '../episodes/stored-judgement.ts'
import type { SeedSource } from '../sources/source.ts'
import type { Directory } from '../stocks/directory.ts'
import { createStocks } from '../stocks/stocks.ts'
import type { Store } from '../store/contract.ts'
import type { EpisodeRecord, SignalRecord } from '../store/records.ts'
import { seedView } from '../views/centers.ts'
import { createChannels } from '../views/channel-settings.ts'
import type { CentersView, LearningView, Read, SeedHistoryView } from '../views/views.ts'
import { KMEANS_SEED, learningOf, SEED_K, type SeedDetection } from './detection.ts'

/** An answer waits at most this long for the table. */
const PATIENCE_MS = 20_000

interface Dependencies {
  readonly source: SeedSource
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  readonly detection: SeedDetection
  readonly directory: Directory
  readonly patienceMs?: number
}

/** The read side of a source that has only the old system's rows. Changes nothing. */
export const createSeedReader = ({
  source,
  store,
  detection,
  directory,
  patienceMs = PATIENCE_MS,
}: Dependencies): Read => {
  const { venue } = source
  const stocks = createStocks({ source, directory })
  const { stock } = stocks
  const stateOf = (symbol: string) => withPatience(patienceMs, venue, (signal) => detection.state(symbol, signal))
  const rowsOf = (symbol: string) => withPatience(patienceMs, venue, (signal) => source.fetchRows(symbol, null, signal))

  const centers = async (symbol: string, k: number): Promise<CentersView | LearningView> => {
    const state = await stateOf(symbol)
    const { detector } = state
    if (detector === null) return { learning: learningOf(state) }
    const rows = await rowsOf(symbol)
    const cutoff = state.session.open
    if (k === SEED_K) return seedView({ stock: stock(symbol), rows, found: detector.centers, cutoff, judging: true })
    const past = rows.filter(({ openTime }) => openTime < cutoff).map(({ row }) => row)
    const found = fitSeedCenters(past, { symbol, k, seed: KMEANS_SEED })
    return seedView({ stock: stock(symbol), rows, found, cutoff, judging: false })
  }

  /** The clusters that judged a minute, with the minutes up to it. */
  const centersAt = async (symbol: string, { openTime, centers: found, cutoff }: SeedJudged): Promise<CentersView> => {
    const rows = (await rowsOf(symbol)).filter((row) => row.openTime <= openTime)
    return seedView({ stock: stock(symbol), rows, found, cutoff, judging: true, starred: openTime })
  }

  /** The signal of a minute, else the first. */
  const told = (signals: readonly SignalRecord[], openTime: number): SeedJudged | null => {
    const record = signals.find((signal) => signal.openTime === openTime) ?? signals[0]
    return record ? readSeedJudged(record.judgement) : null
  }

  const entryOf = async (
    episode: EpisodeRecord,
    channelId: string,
  ): Promise<SeedHistoryView['episodes'][number] | null> => {
    const [post] = (await store.outbox.ofEpisode(episode.id))
      .filter((each) => each.channelId === channelId)
      .sort((a, b) => Number(a.state === 'dropped') - Number(b.state === 'dropped') || a.openTime - b.openTime)
    const judged = told(await store.signals.ofEpisode(episode.id), post?.openTime ?? episode.peak)
    return judged && { episode, judged, posted: post?.state ?? 'none', reason: post?.reason ?? null }
  }

  return {
    now: () => source.now(),
    resolve: stocks.resolve,
    suggest: stocks.suggest,
    summary: async (symbol) => ({ stock: stock(symbol), centers: await centers(symbol, SEED_K) }),
    centers: (symbol, k) => centers(symbol, k),
    async history(symbol, limit, channelId) {
      const found = await Promise.all(
        (await store.signals.episodes(venue, symbol, limit)).map((episode) => entryOf(episode, channelId)),
      )
      const episodes = found.filter((entry) => entry !== null)
      const newest = episodes[0]
      return { stock: stock(symbol), episodes, centers: newest ? await centersAt(symbol, newest.judged) : null }
    },
    chart: async () => null,
    async watchlist(channelId) {
      const watches = await store.watches.ofChannel(venue, channelId)
      return Promise.all(
        watches.map(async ({ symbol, addedAt }) => {
          const state = await stateOf(symbol)
          const [lastEpisode = null] = await store.signals.episodes(venue, symbol, 1)
          const learning = state.detector === null ? learningOf(state) : null
          return { stock: stock(symbol), addedAt, bars: state.have, last: null, learning, lastEpisode }
        }),
      )
    },
    ...createChannels({ source, calendar: source.calendar, store }),
    async alert(post) {
      const episode = await store.signals.episode(post.episodeId)
      const signals = episode ? await store.signals.ofEpisode(episode.id) : []
      const judged = episode && told(signals, post.openTime)
      if (!episode || !judged) return null
      return {
        stock: stock(episode.symbol),
        episode,
        judged,
        centers: await centersAt(episode.symbol, judged),
        late: signals.find(({ openTime }) => openTime === judged.openTime)?.late ?? false,
      }
    },
  }
}
