/** Makers of what the store keeps, for its tests. */
import fc from 'fast-check'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import type { Interval } from '../../../src/model/time/interval.ts'
import type {
  DetectStep,
  EpisodeRecord,
  ModelRecord,
  PostRecord,
  SignalRecord,
  StateRecord,
  VolatilityInterruption,
  WatchRecord,
} from '../../../src/pipeline/store/records.ts'

let made = 0
/** A name that no other test of this process has. */
export const fresh = (name: string) => `${name}-${++made}`

/** An interval of minutes as one of epoch milliseconds. */
export const minutes = (from: number, to: number): Interval => ({ from: from * MINUTE, to: to * MINUTE })

export const bar = (series: string, symbol: string, minute: number, more: Partial<Bar> = {}): Bar => ({
  ...{ series, symbol, openTime: minute * MINUTE, receivedAt: minute * MINUTE + 61_234 },
  ...{ open: 1000, high: 1010.5, low: 990, close: 1005, volume: 12.25 },
  ...more,
})

const price = fc.oneof(
  fc.double({ min: 1e-8, max: 1e6, noNaN: true }),
  fc.double({ min: 1e-8, max: 1e-6, noNaN: true }),
  fc.integer({ min: 1, max: 2_000_000 }),
)
const numbers = fc
  .record({
    prices: fc.tuple(price, price, price, price),
    volume: fc.oneof(fc.double({ min: 0, max: 1e13, noNaN: true }), fc.nat()),
    receivedAt: fc.integer({ min: 0, max: 4e12 }),
    up: fc.boolean(),
  })
  .map(({ prices, volume, receivedAt, up }) => {
    const [low, a, b, high] = prices.toSorted((x, y) => x - y) as [number, number, number, number]
    return { low, high, open: up ? a : b, close: up ? b : a, volume, receivedAt }
  })

/** Bars of distinct minutes in `[0, within)`, in any order. */
export const barsOf = (series: string, symbol: string, within: number): fc.Arbitrary<Bar[]> =>
  fc
    .uniqueArray(fc.tuple(fc.nat({ max: within - 1 }), numbers), { selector: ([minute]) => minute, maxLength: 60 })
    .map((pairs) => pairs.map(([minute, more]) => bar(series, symbol, minute, more)))

export const model = (series: string, id: string, cutoff: number, more: Partial<ModelRecord> = {}): ModelRecord => ({
  ...{ series, symbol: '038530', id, cutoff, trainedAt: cutoff + 5, snapshot: '{"k":2}' },
  ...more,
})

export const state = (
  series: string,
  symbol: string,
  position: number,
  more: Partial<StateRecord> = {},
): StateRecord => ({
  ...{ series, symbol, coveredFrom: 0, position: position * MINUTE, hours: 'hash', bytes: Uint8Array.of(1, 2, 3) },
  ...more,
})

export const signal = (
  series: string,
  minute: number,
  episodeId: string,
  more: Partial<SignalRecord> = {},
): SignalRecord => ({
  ...{ series, symbol: '038530', openTime: minute * MINUTE, modelId: 'model-1', score: 0.1 + 0.2, rank: 3, of: 7620 },
  ...{ judgement: '{"state":"judged","왜":"급등"}', episodeId, late: false },
  ...more,
})

export const episode = (
  series: string,
  id: string,
  start: number,
  more: Partial<EpisodeRecord> = {},
): EpisodeRecord => ({
  ...{
    id,
    series,
    symbol: '038530',
    start: start * MINUTE,
    last: start * MINUTE,
    peak: start * MINUTE,
    peakScore: 1 / 3,
    signals: 1,
  },
  ...{ endedAt: null },
  ...more,
})

export const post = (episodeId: string, more: Partial<PostRecord> = {}): PostRecord => ({
  ...{
    id: fresh('post'),
    episodeId,
    channelId: 'channel',
    guildId: 'guild',
    kind: 'alert',
    sequence: 0,
    state: 'pending',
    reason: null,
  },
  ...{
    messageId: null,
    nonce: 'abcdefghijklmnopqrstuvwxy',
    openTime: 0,
    wantedRevision: 1,
    shownRevision: 0,
    createdAt: 1_000,
    sentAt: null,
  },
  ...more,
})

export const step = (series: string, judgedUntil: number, more: Partial<DetectStep> = {}): DetectStep => ({
  ...{ series, symbol: '038530', judgedUntil: judgedUntil * MINUTE, signals: [], episodes: [], posts: [], touched: [] },
  ...more,
})

export const watch = (
  series: string,
  symbol: string,
  channelId: string,
  more: Partial<WatchRecord> = {},
): WatchRecord => ({
  ...{
    series,
    symbol,
    channelId,
    guildId: 'guild',
    addedBy: '81384788765712384',
    addedAt: 1_700_000_000_000,
    since: 1_700_000_060_000,
  },
  market: null,
  ...more,
})

export const interruption = (
  symbol: string,
  minute: number,
  more: Partial<VolatilityInterruption> = {},
): VolatilityInterruption => ({
  ...{
    kind: 'vi',
    symbol,
    type: 'static',
    triggerPrice: 342,
    triggeredAt: minute * MINUTE + 26_000,
    releasedAt: null,
    count: 3,
  },
  receivedAt: minute * MINUTE + 26_750,
  ...more,
})
