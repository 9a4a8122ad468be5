import type { Judged } from '../../src/model/detector/judgement.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import type { Provenance } from '../../src/pipeline/sources/source.ts'
import type { Span, Stock, Unusual } from '../../src/pipeline/views/views.ts'

/** Options of made-up bars. */
export interface MarketOptions {
  readonly seed: number
  /** Start of the first bar; 09:00 KST of an ordinary Monday unless given. */
  readonly start?: number
  /** Minutes, traded or not. */
  readonly minutes?: number
  readonly price?: number
  /** Smallest difference of prices. */
  readonly tick?: number
  /** Volume of a usual minute. */
  readonly volume?: number
  /** Chance that a minute trades. */
  readonly liquidity?: number
  /** Minute at which a pump begins. */
  readonly pumpAt?: number | null
  /** The pump's first minute: its move in percent, and its volume as a multiple of a usual minute's. */
  readonly pump?: { readonly percent: number; readonly multiple: number }
  readonly symbol?: string
}

export const MONDAY_OPEN = Date.UTC(2026, 10, 23, 0, 0)

/** mulberry32: the same seed gives the same numbers for ever. */
export const seeded = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * Bars of one session with U-shaped volume and, if `pumpAt` is given, a pump that decays; minutes without a trade have
 * no bar.
 */
export const marketBars = (options: MarketOptions): Bar[] => {
  const { seed, start = MONDAY_OPEN, minutes = 90, price = 4_000, tick = 5, volume = 3_000, liquidity = 0.97 } = options
  const { pumpAt = null, pump = { percent: 7, multiple: 38 }, symbol = '038530' } = options
  const random = seeded(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const onTick = (value: number) => Math.max(tick, Number((Math.round(value / tick) * tick).toPrecision(12)))
  const bars: Bar[] = []
  let last = price
  for (let minute = 0; minute < minutes; minute++) {
    const place = minute / Math.max(1, minutes - 1)
    const shape = 0.6 + 1.8 * (2 * place - 1) ** 4
    const since = pumpAt === null ? -1 : minute - pumpAt
    const fading = since < 0 ? 0 : Math.exp(-since / 4)
    const drift = since === 0 ? pump.percent / 100 : since > 0 ? -0.004 * fading : 0
    if (since < 0 && random() > liquidity) continue
    const open = onTick(last * Math.exp(normal() * 0.0006))
    const close = onTick(open * Math.exp(drift + normal() * 0.0015))
    const reach = () => Math.abs(normal()) * 0.0012 * last
    const high = Math.max(open, close, onTick(Math.max(open, close) + reach()))
    const low = Math.min(open, close, onTick(Math.min(open, close) - reach()))
    const traded = volume * shape * Math.exp(normal() * 0.6) * (1 + (pump.multiple - 1) * fading)
    const openTime = start + minute * MINUTE
    bars.push({
      series: 'simulated',
      symbol,
      openTime,
      open,
      high,
      low,
      close,
      volume: Math.max(1, Math.round(traded)),
      receivedAt: openTime + MINUTE,
    })
    last = close
  }
  return bars
}

/** Bars beside a plain baseline: mean volume and two typical moves of the sixty bars before; null for the first ten. */
export const spanOf = (bars: readonly Bar[]): Span => {
  const usual = bars.map((_, i) => {
    const past = bars.slice(Math.max(0, i - 60), i)
    const previous = past.at(-1)
    if (past.length < 10 || previous === undefined) return null
    const volume = past.reduce((sum, bar) => sum + bar.volume, 0) / past.length
    const squares = past.slice(1).reduce((sum, bar, j) => sum + Math.log(bar.close / past[j]!.close) ** 2, 0)
    const sigma = Math.max(5e-4, Math.sqrt(squares / (past.length - 1)))
    return { volume, low: previous.close * Math.exp(-2 * sigma), high: previous.close * Math.exp(2 * sigma) }
  })
  return { bars, usual }
}

export const stockOf = (
  options: {
    symbol?: string
    name?: string
    nameEn?: string | null
    provenance?: Provenance
    utcOffsetMinutes?: number
    series?: string
  } = {},
): Stock => {
  const {
    symbol = '038530',
    name = '케이바이오',
    nameEn = 'K-Bio',
    provenance = { kind: 'real' },
    utcOffsetMinutes = 540,
  } = options
  return {
    listing: { symbol, name, nameEn, market: 'KOSDAQ', warnings: [], nxtTradable: null },
    series: options.series ?? 'simulated',
    provenance,
    utcOffsetMinutes,
  }
}

/** The bar at an index of a span as a judged minute. */
export const unusualAt = (span: Span, index: number, abnormal = true): Unusual => {
  const bar = span.bars[index]!
  const previousClose = span.bars[index - 1]?.close ?? bar.open
  const up = bar.high / previousClose >= previousClose / bar.low
  const typicalVolume = span.usual[index]?.volume ?? bar.volume
  const judged: Judged = {
    state: 'judged',
    openTime: bar.openTime,
    modelId: 'test',
    horizon: 1,
    cluster: abnormal ? 2 : 0,
    clusters: 4,
    abnormal,
    score: 12,
    severity: { rank: 3, of: 7_620 },
    features: {},
    why: {
      horizon: 1,
      direction: up ? 'up' : 'down',
      reference: previousClose,
      gap: false,
      movePercent: 100 * ((up ? bar.high : bar.low) / previousClose - 1),
      typicalMovePercent: 0.2,
      volume: bar.volume,
      typicalVolume,
      volumeMultiple: typicalVolume > 0 ? bar.volume / typicalVolume : null,
      turnover: bar.close * bar.volume,
      typicalTurnover: bar.close * typicalVolume,
      drivers: {},
      baselineMinutes: 60,
      timeOfDay: false,
    },
  }
  return { judged, bar }
}
