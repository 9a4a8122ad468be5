import { type Bar, DAY, MINUTE } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Calendar } from '../../model/time/session.ts'
import { isOngoing, LONGEST_INTERRUPTION, touches } from '../calendar/interruptions.ts'
import { createChannelRates } from '../episodes/channel-rates.ts'
import { readJudged } from '../episodes/stored-judgement.ts'
import type { BarSource } from '../sources/source.ts'
import type { Directory } from '../stocks/directory.ts'
import { createStocks } from '../stocks/stocks.ts'
import type { Store } from '../store/contract.ts'
import type { EpisodeRecord, SignalRecord } from '../store/records.ts'
import { centersView } from '../views/centers.ts'
import { channelPost } from '../views/channel-post.ts'
import { createChannels, isAskedFor } from '../views/channel-settings.ts'
import type { HistoryView, Interruption, Read, Since, Span, Unusual, Usual } from '../views/views.ts'
import type { ReadDetection } from './reading.ts'
import type { BarBesideUsual, JudgedBar } from './runtimes.ts'

/** Number of bars that a chart shows before its alert's minute, and of minutes after its episode. */
const BEFORE = 75
const AFTER = 20
/** A chart calls prices usual within this many typical moves of the previous close. */
const BAND = 2

interface Dependencies {
  readonly source: Pick<BarSource, 'series' | 'provenance' | 'calendar' | 'now' | 'lookup'>
  /** The source's calendar without the days that turned out to be closed. */
  readonly calendar: Calendar
  readonly store: Store
  readonly detection: ReadDetection
  readonly directory: Directory
}

/** The read side of a source of bars: answers everything that a command or a post shows. Changes nothing. */
export const createReader = ({ source, calendar, store, detection, directory }: Dependencies) => {
  const { series } = source

  const rateOf = createChannelRates({ series, calendar, store })
  const stocks = createStocks({ source, directory })
  const { stock } = stocks

  /** The last `minutes` bars before `to` and those from `to` up to `until`, with what was usual. */
  const spanAround = async (symbol: string, to: number, minutes: number, until = to): Promise<Span> => {
    const before = await store.bars.last(series, symbol, minutes, to)
    const from = before[0]?.openTime ?? to
    return spanOf(await detection.besideUsual(symbol, from, until))
  }

  const interruptionsIn = async (symbol: string, interval: Interval): Promise<Interruption[]> => {
    const now = source.now()
    const events = await store.marketEvents.between(
      series,
      { ...interval, from: interval.from - LONGEST_INTERRUPTION },
      symbol,
    )
    return events.flatMap((event) =>
      event.kind === 'vi' && touches(event, interval)
        ? [{ ...event, ongoing: isOngoing(event, now), today: dayOf(event.triggeredAt) === dayOf(now) }]
        : [],
    )
  }
  const dayOf = (time: number): number => Math.floor((time + calendar.utcOffsetMinutes * MINUTE) / DAY)

  const unusual = async (record: SignalRecord): Promise<Unusual | null> => {
    const [bar] = await store.bars.range(series, record.symbol, { from: record.openTime, to: record.openTime + MINUTE })
    return bar ? { bar, ...readJudged(record.judgement) } : null
  }

  /** The signal of a minute, else the episode's first, beside all signals of the episode. */
  const signalOf = async (
    episode: EpisodeRecord,
    openTime: number,
  ): Promise<{ minute: Unusual; signals: SignalRecord[]; late: boolean } | null> => {
    const signals = await store.signals.ofEpisode(episode.id)
    const record = signals.find((signal) => signal.openTime === openTime) ?? signals[0]
    const minute = record ? await unusual(record) : null
    return record && minute ? { minute, signals, late: record.late } : null
  }

  const sinceOf = async (
    episode: EpisodeRecord,
    { bar }: Unusual,
    signals: readonly SignalRecord[],
  ): Promise<Since | null> => {
    const minutes = signals.filter(({ openTime }) => openTime > bar.openTime).length
    if (minutes === 0) return null
    const [last] = await store.bars.last(series, episode.symbol, 1, episode.last + MINUTE)
    return { movePercent: 100 * ((last?.close ?? bar.close) / bar.close - 1), minutes }
  }

  const sessionsIn = (from: number, to: number): number => {
    let count = 0
    for (let at = to - 1; at >= from; at = calendar.lastSession(at).open - 1) count++
    return count
  }

  return {
    now: () => source.now(),
    resolve: stocks.resolve,
    suggest: stocks.suggest,

    async summary(symbol) {
      const coverage = await store.bars.coverage(series, symbol)
      const oldest = await store.bars.oldest(series, symbol)
      const [last] = await store.bars.last(series, symbol, 1, Number.MAX_SAFE_INTEGER)
      const detector = await detection.detector(symbol)
      const session = last ? calendar.sessionAt(last.openTime) : null
      const day = session ? await detection.judged(symbol, session.open, session.close) : []
      return {
        kind: 'bars',
        stock: stock(symbol),
        bars: await store.bars.count(series, symbol),
        // Coverage may begin long before the source's first minute.
        sessions: coverage && oldest !== null ? sessionsIn(oldest, coverage.to) : 0,
        from: oldest,
        until: coverage?.to ?? null,
        learning: detector.learning,
        session: session?.date ?? null,
        unusual: mostUnusual(day, 3),
        span: spanOf(day),
      }
    },

    async centers(symbol, k, features, channelId) {
      const rate = (await rateOf(channelId, source.now())).allowed()
      return centersView({
        stock: stock(symbol),
        detector: await detection.detector(symbol),
        store,
        symbol,
        k,
        features,
        rate,
      })
    },

    async history(symbol, limit, channelId) {
      const episodes = await store.signals.episodes(series, symbol, limit)
      const rows: HistoryView['episodes'][number][] = []
      for (const episode of episodes) {
        const post = channelPost(await store.outbox.ofEpisode(episode.id), channelId)
        const signal = await signalOf(episode, post?.openTime ?? episode.peak)
        if (signal)
          rows.push({ episode, minute: signal.minute, posted: post?.state ?? 'none', reason: post?.reason ?? null })
      }
      const newest = episodes[0]
      const until = newest ? newest.last + (AFTER + 1) * MINUTE : Number.MAX_SAFE_INTEGER
      return {
        kind: 'bars',
        stock: stock(symbol),
        episodes: rows,
        span: await spanAround(symbol, newest ? newest.start : until, BEFORE, until),
        marks: newest ? (await store.signals.ofEpisode(newest.id)).map((signal) => signal.openTime) : [],
      }
    },

    async chart(symbol, minutes) {
      const [last] = await store.bars.last(series, symbol, 1, Number.MAX_SAFE_INTEGER)
      const until = (last?.openTime ?? 0) + MINUTE
      const shown = await spanAround(symbol, until, minutes)
      const from = shown.bars[0]?.openTime ?? until
      const signals = await store.signals.history(series, symbol, 500, until)
      const session = last ? calendar.sessionAt(last.openTime) : null
      return {
        stock: stock(symbol),
        session: session?.date ?? null,
        span: shown,
        marks: signals.filter((signal) => signal.openTime >= from).map((signal) => signal.openTime),
        // A stock that is halted now has no bar since its interruption began, so the interval reaches beyond the newest
        // bar.
        interruptions: await interruptionsIn(symbol, { from, to: session?.close ?? until }),
      }
    },

    async watchlist(channelId) {
      const watches = await store.watches.ofChannel(series, channelId)
      return Promise.all(
        watches.filter(isAskedFor).map(async ({ symbol, addedAt }) => {
          const [last] = await store.bars.last(series, symbol, 1, Number.MAX_SAFE_INTEGER)
          const [lastEpisode] = await store.signals.episodes(series, symbol, 1)
          const learning = await detection.learning(symbol)
          return {
            stock: stock(symbol),
            addedAt,
            bars: await store.bars.count(series, symbol),
            last: last ?? null,
            learning,
            lastEpisode: lastEpisode ?? null,
          }
        }),
      )
    },

    ...createChannels({ source, calendar, store }),

    async alert(post) {
      const episode = await store.signals.episode(post.episodeId)
      const signal = episode && (await signalOf(episode, post.openTime))
      if (!episode || !signal) return null
      const { minute, signals, late } = signal
      const until = episode.last + (AFTER + 1) * MINUTE
      const shown = await spanAround(episode.symbol, minute.bar.openTime, BEFORE, until)
      return {
        kind: 'bars',
        stock: stock(episode.symbol),
        episode,
        minute,
        since: await sinceOf(episode, minute, signals),
        span: shown,
        marks: signals.map(({ openTime }) => openTime),
        interruptions: await interruptionsIn(episode.symbol, {
          from: shown.bars[0]?.openTime ?? episode.start,
          to: until,
        }),
        late,
      }
    },
  } satisfies Read
}

const mostUnusual = (bars: readonly JudgedBar[], count: number): Unusual[] =>
  bars
    .flatMap(({ bar, judgement }) => (judgement.state === 'judged' ? [{ bar, judged: judgement }] : []))
    .sort((a, b) => b.judged.score - a.judged.score)
    .slice(0, count)

const spanOf = (judged: readonly BarBesideUsual[]): Span => ({
  bars: judged.map(({ bar }) => bar),
  usual: judged.map(({ usual }, index) => usualBand(usual, judged[index - 1]?.bar ?? null)),
})

const usualBand = (usual: BarBesideUsual['usual'], previous: Bar | null): Usual | null =>
  usual === null || previous === null
    ? null
    : {
        volume: usual.volume,
        low: previous.close * Math.exp(-BAND * usual.move),
        high: previous.close * Math.exp(BAND * usual.move),
      }
