import { withPatience } from '../../async/time-limits.ts'
import { fitChangesCenters } from '../../model/changes/centers.ts'
import type { JudgedChange } from '../../model/changes/detector.ts'
import { readJudgedChange } from '../episodes/stored-judgement.ts'
import type { ChangesSource } from '../sources/source.ts'
import type { Directory } from '../stocks/directory.ts'
import { createStocks } from '../stocks/stocks.ts'
import type { Store } from '../store/contract.ts'
import type { EpisodeRecord, SignalRecord } from '../store/records.ts'
import { changesView, learningView } from '../views/centers.ts'
import { channelPost } from '../views/channel-post.ts'
import { createChannels, isAskedFor } from '../views/channel-settings.ts'
import type { CentersView, ChangesHistoryView, LearningView, Read } from '../views/views.ts'
import { CHANGES_K, type ChangesDetection, KMEANS_SEED, learningOf } from './detection.ts'

/** An answer waits at most this long for the source's table. */
const PATIENCE_MS = 20_000

interface Dependencies {
  readonly source: ChangesSource
  readonly store: Pick<Store, 'signals' | 'watches' | 'outbox'>
  readonly detection: ChangesDetection
  readonly directory: Directory
  readonly patienceMs?: number
}

/** The read side of a source of the old system's rows. Changes nothing. */
export const createChangesReader = ({
  source,
  store,
  detection,
  directory,
  patienceMs = PATIENCE_MS,
}: Dependencies): Read => {
  const { series } = source
  const stocks = createStocks({ source, directory })
  const { stock } = stocks
  const stateOf = (symbol: string) => withPatience(patienceMs, series, (signal) => detection.state(symbol, signal))
  const rowsOf = (symbol: string) =>
    withPatience(patienceMs, series, (signal) => source.fetchRows(symbol, null, signal))

  const centers = async (symbol: string, k: number): Promise<CentersView | LearningView> => {
    const state = await stateOf(symbol)
    const { detector } = state
    if (detector === null) return learningView(learningOf(state))
    const rows = await rowsOf(symbol)
    const cutoff = state.session.open
    if (k === CHANGES_K)
      return changesView({ stock: stock(symbol), rows, fit: detector.centers, cutoff, judging: true })
    const past = rows.filter(({ openTime }) => openTime < cutoff).map(({ row }) => row)
    const fit = fitChangesCenters(past, { symbol, k, seed: KMEANS_SEED })
    return changesView({ stock: stock(symbol), rows, fit, cutoff, judging: false })
  }

  /** The clusters that judged a minute, with the minutes up to it. */
  const centersAt = async (symbol: string, { openTime, centers: fit, cutoff }: JudgedChange): Promise<CentersView> => {
    const rows = (await rowsOf(symbol)).filter((row) => row.openTime <= openTime)
    return changesView({ stock: stock(symbol), rows, fit, cutoff, judging: true, starred: openTime })
  }

  /** The judgement of a minute's signal, else of the first signal. */
  const judgedAt = (signals: readonly SignalRecord[], openTime: number): JudgedChange | null => {
    const record = signals.find((signal) => signal.openTime === openTime) ?? signals[0]
    return record ? readJudgedChange(record.judgement) : null
  }

  const entryOf = async (
    episode: EpisodeRecord,
    channelId: string,
  ): Promise<ChangesHistoryView['episodes'][number] | null> => {
    const post = channelPost(await store.outbox.ofEpisode(episode.id), channelId)
    const judged = judgedAt(await store.signals.ofEpisode(episode.id), post?.openTime ?? episode.peak)
    return judged && { episode, judged, posted: post?.state ?? 'none', reason: post?.reason ?? null }
  }

  return {
    now: () => source.now(),
    resolve: stocks.resolve,
    suggest: stocks.suggest,
    summary: async (symbol) => ({ kind: 'changes', stock: stock(symbol), centers: await centers(symbol, CHANGES_K) }),
    centers: (symbol, k) => centers(symbol, k),
    async history(symbol, limit, channelId) {
      const entries = await Promise.all(
        (await store.signals.episodes(series, symbol, limit)).map((episode) => entryOf(episode, channelId)),
      )
      const episodes = entries.filter((entry) => entry !== null)
      const newest = episodes[0]
      const shown = newest ? await centersAt(symbol, newest.judged) : null
      return { kind: 'changes', stock: stock(symbol), episodes, centers: shown }
    },
    chart: async () => null,
    async watchlist(channelId) {
      const watches = await store.watches.ofChannel(series, channelId)
      return Promise.all(
        watches.filter(isAskedFor).map(async ({ symbol, addedAt }) => {
          const state = await stateOf(symbol)
          const [lastEpisode = null] = await store.signals.episodes(series, symbol, 1)
          const learning = state.detector === null ? learningOf(state) : null
          return { stock: stock(symbol), addedAt, bars: state.have, last: null, learning, lastEpisode }
        }),
      )
    },
    ...createChannels({ source, calendar: source.calendar, store }),
    async alert(post) {
      const episode = await store.signals.episode(post.episodeId)
      const signals = episode ? await store.signals.ofEpisode(episode.id) : []
      const judged = episode && judgedAt(signals, post.openTime)
      if (!episode || !judged) return null
      return {
        kind: 'changes',
        stock: stock(episode.symbol),
        episode,
        judged,
        centers: await centersAt(episode.symbol, judged),
        late: signals.find(({ openTime }) => openTime === judged.openTime)?.late ?? false,
      }
    },
  }
}
