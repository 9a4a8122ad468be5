import fc from 'fast-check'
import type { JudgedChange } from '../../src/model/changes/detector.ts'
import type { Judged } from '../../src/model/detector/judgement.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import type { Provenance } from '../../src/pipeline/sources/source.ts'
import type { EpisodeRecord, PostRecord } from '../../src/pipeline/store/records.ts'
import type {
  AlertView,
  CentersView,
  ChangesAlertView,
  ChangesHistoryView,
  ChartView,
  HistoryView,
  Interruption,
  Span,
  Stock,
  SummaryView,
  Unusual,
  WatchlistEntry,
} from '../../src/pipeline/views/views.ts'

/** 2026-08-03 10:41 KST, a Monday. */
export const MINUTE_OF_ALERT = Date.parse('2026-08-03T10:41:00+09:00')

export const stock: Stock = {
  listing: { symbol: '038530', name: '케이바이오', nameEn: 'K-BIO', market: 'KOSDAQ', warnings: [], nxtTradable: null },
  series: 'simulated',
  provenance: { kind: 'simulated' },
  utcOffsetMinutes: 540,
}

export const judgedAt = (openTime: number): Judged => ({
  state: 'judged',
  openTime,
  modelId: 'm1',
  horizon: 1,
  cluster: 3,
  clusters: 4,
  abnormal: true,
  score: 2.5,
  severity: { rank: 3, of: 7_620 },
  features: { surge: 11, price: 4, volume: 3.5 },
  why: {
    horizon: 1,
    direction: 'up',
    reference: 5_000,
    gap: false,
    movePercent: 4.2,
    typicalMovePercent: 0.12,
    volume: 34_000,
    typicalVolume: 1_000,
    volumeMultiple: 34,
    turnover: 177_140_000,
    typicalTurnover: 5_010_000,
    drivers: { price: 0.6, volume: 0.4 },
    baselineMinutes: 720,
    timeOfDay: true,
  },
})

const barAt = (openTime: number): Bar => ({
  series: 'simulated',
  symbol: '038530',
  openTime,
  open: 5_000,
  high: 5_210,
  low: 4_990,
  close: 5_200,
  volume: 34_000,
  receivedAt: openTime + MINUTE,
})

export const unusual: Unusual = { judged: judgedAt(MINUTE_OF_ALERT), bar: barAt(MINUTE_OF_ALERT) }

const bars = Array.from({ length: 60 }, (_, i) => barAt(MINUTE_OF_ALERT - (59 - i) * MINUTE))
export const span: Span = { bars, usual: bars.map(() => ({ volume: 1_000, low: 4_950, high: 5_050 })) }

export const episode: EpisodeRecord = {
  id: 'simulated:038530:1',
  series: 'simulated',
  symbol: '038530',
  start: MINUTE_OF_ALERT,
  last: MINUTE_OF_ALERT,
  peak: MINUTE_OF_ALERT,
  peakScore: 2.5,
  signals: 1,
  endedAt: null,
}

/** Triggered at 10:41:26, released at 10:43:36. */
export const interruption: Interruption = {
  kind: 'vi',
  symbol: '038530',
  type: 'static',
  triggerPrice: 5_210,
  triggeredAt: MINUTE_OF_ALERT + 26_000,
  releasedAt: MINUTE_OF_ALERT + 2 * MINUTE + 36_000,
  count: 3,
  receivedAt: MINUTE_OF_ALERT + 2 * MINUTE + 37_000,
  ongoing: false,
  today: true,
}

export const alertView: AlertView = {
  kind: 'bars',
  stock,
  episode,
  minute: unusual,
  since: null,
  span,
  marks: [MINUTE_OF_ALERT],
  interruptions: [],
  late: false,
}

export const summaryView: SummaryView = {
  kind: 'bars',
  stock,
  bars: 7_620,
  sessions: 20,
  from: MINUTE_OF_ALERT - 20 * 24 * 60 * MINUTE,
  until: MINUTE_OF_ALERT + MINUTE,
  learning: null,
  session: '2026-08-03',
  unusual: [unusual],
  span,
}

export const centersView: CentersView = {
  kind: 'centers',
  stock,
  k: 3,
  features: 'model',
  judging: true,
  axes: ['move', 'multiple'],
  clusters: [
    { size: 7_500, abnormal: false, center: { surge: 0.1, move: 0.2, multiple: 0.3 } },
    { size: 110, abnormal: false, center: { surge: 2, move: 0.8, multiple: 1.2 } },
    { size: 10, abnormal: true, center: { surge: 14, move: 4.1, multiple: 34 } },
  ],
  points: [{ x: 0.2, y: 0.3, cluster: 0, openTime: MINUTE_OF_ALERT - MINUTE }],
  star: { x: 4, y: 3.5, cluster: 2, openTime: MINUTE_OF_ALERT },
  rows: 7_620,
  cutoff: MINUTE_OF_ALERT,
  trainedAt: MINUTE_OF_ALERT,
  thresholds: [
    {
      minutes: 1,
      abnormal: [
        { multiple: 0, movePercent: 3 },
        { multiple: 1, movePercent: 1.8 },
        { multiple: 10, movePercent: 0.9 },
        { multiple: 100, movePercent: 0.5 },
      ],
      alert: [
        { multiple: 0, movePercent: 5 },
        { multiple: 1, movePercent: 3 },
        { multiple: 10, movePercent: 1.5 },
        { multiple: 100, movePercent: 0.9 },
      ],
    },
  ],
  noisePerSession: 0.25,
  inertia: 123.456,
}

export const judgedChange: JudgedChange = {
  state: 'judged',
  openTime: MINUTE_OF_ALERT,
  modelId: 's1',
  cluster: 1,
  abnormal: true,
  score: 14.5,
  severity: { rank: 3, of: 75_165 },
  features: { per_price: -1, per_volume: 14_900 },
  centers: {
    symbol: '038530',
    k: 2,
    features: 'seed',
    rows: 75_000,
    clusters: [
      { size: 74_993, abnormal: false, center: { per_price: 0.002, per_volume: 4_826 } },
      { size: 7, abnormal: true, center: { per_price: 1.2, per_volume: 7_324_071 } },
    ],
    inertia: 123,
    seed: 1,
    restarts: 20,
  },
  cutoff: MINUTE_OF_ALERT - 60 * MINUTE,
}
const changesStock: Stock = { ...stock, series: 'bridge:trainingset', provenance: { kind: 'real' } }
const changesCenters: CentersView = {
  ...centersView,
  stock: changesStock,
  k: 2,
  features: 'seed',
  axes: ['per_price', 'per_volume'],
  clusters: judgedChange.centers.clusters,
  points: [{ x: -1, y: 14_900, cluster: 1, openTime: MINUTE_OF_ALERT }],
  star: { x: -1, y: 14_900, cluster: 1, openTime: MINUTE_OF_ALERT },
  rows: 75_000,
  thresholds: [],
  noisePerSession: null,
}
export const changesAlertView: ChangesAlertView = {
  kind: 'changes',
  stock: changesStock,
  episode,
  judged: judgedChange,
  centers: changesCenters,
  late: false,
}
export const changesHistoryView: ChangesHistoryView = {
  kind: 'changes',
  stock: changesStock,
  episodes: [
    { episode, judged: judgedChange, posted: 'sent', reason: null },
    { episode, judged: judgedChange, posted: 'dropped', reason: 'budget' },
  ],
  centers: changesCenters,
}

export const historyView: HistoryView = {
  kind: 'bars',
  stock,
  episodes: [
    { episode, minute: unusual, posted: 'sent', reason: null },
    { episode, minute: unusual, posted: 'dropped', reason: 'budget' },
  ],
  span,
  marks: [MINUTE_OF_ALERT],
}

export const chartView: ChartView = { stock, session: '2026-08-03', span, marks: [], interruptions: [] }

export const watchlistEntry: WatchlistEntry = {
  stock,
  addedAt: 0,
  bars: 7_620,
  last: barAt(MINUTE_OF_ALERT),
  learning: null,
  lastEpisode: episode,
}

export const post: PostRecord = {
  id: 'post-1',
  episodeId: episode.id,
  channelId: '0',
  guildId: '0',
  kind: 'alert',
  sequence: 0,
  state: 'pending',
  reason: null,
  messageId: null,
  nonce: 'nonce-of-post-1',
  openTime: MINUTE_OF_ALERT,
  wantedRevision: 1,
  shownRevision: 0,
  createdAt: MINUTE_OF_ALERT,
  sentAt: null,
}

// Views with any values that a source could give.

const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
const amount = fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.constantFrom(0, 1e-8, 1e-300, 1e300))
const percent = fc.oneof(fc.double({ min: -100, max: 1e9, noNaN: true }), fc.constantFrom(0, -0, -0.04, 0.004))
/** Words that a text contains if a missing number, time or text was written all the same. */
export const SLIP = /NaN|Infinity|undefined|null/

/**
 * Any text without a slip in it. A stock may be called NaN, but a test could not tell that from a fault of the
 * renderer.
 */
const text = (constraints: fc.StringConstraints): fc.Arbitrary<string> =>
  fc.string(constraints).filter((said) => !SLIP.test(said))

const words = fc.oneof(
  text({ maxLength: 60 }),
  text({ unit: 'grapheme', maxLength: 6_000 }),
  fc.constantFrom('**@everyone**', '`', '', '||'),
)

const anyProvenance: fc.Arbitrary<Provenance> = fc.oneof(
  fc.constantFrom({ kind: 'real' } as const, { kind: 'simulated' } as const, { kind: 'replay' } as const),
  fc.record({ kind: fc.constant('unofficial' as const), delayMinutes: fc.nat(60) }),
)

export const anyStock: fc.Arbitrary<Stock> = fc.record({
  listing: fc.record({
    symbol: fc.constantFrom('038530', '0001A0', 'APPC_20201118'),
    name: words,
    nameEn: fc.option(words),
    market: fc.constant('KOSDAQ'),
    warnings: fc.constant([]),
    nxtTradable: fc.option(fc.boolean()),
  }),
  series: text({ minLength: 1, maxLength: 40 }),
  provenance: anyProvenance,
  utcOffsetMinutes: fc.constantFrom(540, 0, -300, 330),
})

const anyUnusual: fc.Arbitrary<Unusual> = fc
  .record({
    openTime: time,
    cluster: fc.nat(3),
    abnormal: fc.boolean(),
    rank: fc.integer({ min: 1, max: 1e6 }),
    more: fc.nat(1e7),
    direction: fc.constantFrom('up' as const, 'down' as const),
    movePercent: percent,
    numbers: fc.array(amount, { minLength: 8, maxLength: 8 }),
    volumeMultiple: fc.option(amount),
    horizon: fc.constantFrom(1, 15),
    gap: fc.boolean(),
    older: fc.boolean(),
  })
  .map(
    ({
      openTime,
      cluster,
      abnormal,
      rank,
      more,
      direction,
      movePercent,
      numbers,
      volumeMultiple,
      horizon,
      gap,
      older,
    }) => ({
      older,
      judged: {
        ...judgedAt(openTime),
        horizon,
        cluster,
        clusters: older ? 0 : 4,
        abnormal,
        severity: { rank, of: rank + more },
        why: {
          ...judgedAt(openTime).why,
          direction,
          movePercent,
          volumeMultiple,
          horizon,
          gap,
          reference: numbers[0]!,
          typicalMovePercent: numbers[1]!,
          volume: numbers[2]!,
          typicalVolume: numbers[3]!,
          turnover: numbers[4]!,
          typicalTurnover: numbers[5]!,
        },
      },
      bar: { ...barAt(openTime), close: numbers[6]!, volume: numbers[7]! },
    }),
  )

const anyEpisode: fc.Arbitrary<EpisodeRecord> = fc
  .record({ start: time, signals: fc.integer({ min: 1, max: 5_000 }), endedAt: fc.option(time) })
  .map((part) => ({ ...episode, ...part, last: part.start }))

const anyLearning = fc.option(fc.record({ have: fc.nat(1e6), need: fc.nat(1e6) }))

const anyInterruptions: fc.Arbitrary<readonly Interruption[]> = fc.array(
  fc.record({
    kind: fc.constant('vi' as const),
    symbol: fc.constant('038530'),
    type: fc.option(fc.constantFrom('static' as const, 'dynamic' as const, 'both' as const)),
    triggerPrice: fc.option(amount),
    triggeredAt: time,
    releasedAt: fc.option(time),
    count: fc.option(fc.nat(1e6)),
    receivedAt: time,
    ongoing: fc.boolean(),
    today: fc.boolean(),
  }),
  { maxLength: 30 },
)

export const anyChart: fc.Arbitrary<ChartView> = fc.record({
  stock: anyStock,
  session: fc.option(fc.constantFrom('2026-08-03', '1999-12-31')),
  span: fc.constant(span),
  marks: fc.constant([]),
  interruptions: anyInterruptions,
})

export const anyAlert: fc.Arbitrary<AlertView> = fc.record({
  kind: fc.constant('bars'),
  stock: anyStock,
  episode: anyEpisode,
  minute: anyUnusual,
  since: fc.option(fc.record({ movePercent: percent, minutes: fc.integer({ min: 1, max: 400 }) })),
  span: fc.constant(span),
  marks: fc.constant([]),
  interruptions: anyInterruptions,
  late: fc.boolean(),
})

const anyJudgedChange: fc.Arbitrary<JudgedChange> = fc
  .record({
    openTime: time,
    cluster: fc.nat(3),
    price: percent,
    volume: amount,
    rank: fc.integer({ min: 1, max: 1e6 }),
    more: fc.nat(1e7),
  })
  .map(({ openTime, cluster, price, volume, rank, more }) => ({
    ...judgedChange,
    openTime,
    cluster,
    severity: { rank, of: rank + more },
    features: { per_price: price, per_volume: volume },
  }))

export const anyChangesAlert: fc.Arbitrary<ChangesAlertView> = fc
  .record({ stock: anyStock, episode: anyEpisode, judged: anyJudgedChange, late: fc.boolean() })
  .map((part) => ({ ...changesAlertView, ...part }))

export const anyChangesHistory: fc.Arbitrary<ChangesHistoryView> = fc.record({
  kind: fc.constant('changes'),
  stock: anyStock,
  episodes: fc.array(
    fc.record({
      episode: anyEpisode,
      judged: anyJudgedChange,
      posted: fc.constantFrom('sent' as const, 'pending' as const, 'dropped' as const, 'none' as const),
      reason: fc.option(text({ maxLength: 300 })),
    }),
    { maxLength: 30 },
  ),
  centers: fc.constant(null),
})

export const anySummary: fc.Arbitrary<SummaryView> = fc.record({
  kind: fc.constant('bars'),
  stock: anyStock,
  bars: fc.nat(1e7),
  sessions: fc.nat(1e4),
  from: fc.option(time),
  until: fc.option(time),
  learning: anyLearning,
  session: fc.option(fc.constantFrom('2026-08-03', '1999-12-31')),
  unusual: fc.array(anyUnusual, { maxLength: 3 }),
  span: fc.constant(span),
})

export const anyHistory: fc.Arbitrary<HistoryView> = fc.record({
  kind: fc.constant('bars'),
  stock: anyStock,
  episodes: fc.array(
    fc.record({
      episode: anyEpisode,
      minute: anyUnusual,
      posted: fc.constantFrom('sent' as const, 'pending' as const, 'dropped' as const, 'none' as const),
      reason: fc.option(text({ maxLength: 300 })),
    }),
    { maxLength: 30 },
  ),
  span: fc.constant(span),
  marks: fc.constant([]),
})

const center = fc.dictionary(text({ maxLength: 40 }), amount, { maxKeys: 12 })
const threshold = fc
  .tuple(amount, amount, amount)
  .map((moves) => moves.map((movePercent, i) => ({ multiple: [0, 1, 10][i]!, movePercent })))

export const anyCenters: fc.Arbitrary<CentersView> = fc
  .record({
    stock: anyStock,
    features: fc.constantFrom('model' as const, 'seed' as const),
    judging: fc.boolean(),
    clusters: fc.array(fc.record({ size: fc.nat(1e7), abnormal: fc.boolean(), center }), { maxLength: 30 }),
    thresholds: fc.array(
      fc.record({ minutes: fc.constantFrom(1, 15), abnormal: threshold, alert: fc.option(threshold) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    noisePerSession: fc.option(amount),
    inertia: amount,
  })
  .map((part) => ({ ...centersView, ...part }))

export const anyWatchlist: fc.Arbitrary<readonly WatchlistEntry[]> = fc.array(
  fc.record({
    stock: anyStock,
    addedAt: time,
    bars: fc.nat(1e7),
    last: fc.option(anyUnusual.map(({ bar }) => bar)),
    learning: anyLearning,
    lastEpisode: fc.option(anyEpisode),
  }),
  { maxLength: 120 },
)
