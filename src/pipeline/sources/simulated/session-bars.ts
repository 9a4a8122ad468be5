import { type Bar, MINUTE } from '../../../model/time/bar.ts'
import type { Session } from '../../../model/time/session.ts'
import type { SimulatedDay } from './days.ts'
import { eventAt, type SimulatedEvent } from './events.ts'
import { createRandom, type Random } from './random.ts'
import type { SimulatedStock } from './stocks.ts'
import { ceilTick, dailyLimits, floorTick, tickOf } from './ticks.ts'

/** Auctions trade about this many times the median minute; the opening minute then goes on trading. */
const OPENING_TIMES = 26
const CLOSING_TIMES = 15
/**
 * A static volatility interruption: ±10 % from the last auction's price stops trading for two minutes and up to thirty
 * seconds.
 */
const VI = 0.1
/** The most prices of one minute that are computed one by one; more trades only add volume. */
const POINTS = 5
/** The chance that a minute has a large lot, traded at an ordinary price. */
const BLOCK_CHANCE = 0.006

/** Every bar of one session of one stock; a pure function of its arguments. Minutes without a trade are absent. */
export const sessionBars = (
  seed: number,
  stock: SimulatedStock,
  session: Session,
  day: SimulatedDay,
  event: SimulatedEvent | null,
  series: string,
): Bar[] => {
  const { symbol } = stock.listing
  const stream = createRandom(`${seed}|${symbol}|${session.date}|minutes`)
  const minutes = (session.continuousEnd - session.open) / MINUTE
  const closingMinute = ((session.closingBar ?? session.continuousEnd) - session.open) / MINUTE
  const { path, sigma, mood } = logPath(stream, stock, day, minutes)
  const limits = dailyLimits(day.previousClose)
  const bars: Bar[] = []
  const bar = (minute: number, prices: Prices, volume: number): void => {
    const openTime = session.open + minute * MINUTE
    bars.push({ series, symbol, openTime, ...prices, volume, receivedAt: openTime + MINUTE })
  }

  let pulled = 0
  let reference = 0
  let haltedUntil = -1
  let heldBack = 0
  for (let minute = 0; minute < minutes; minute++) {
    const effect = event === null ? QUIET : eventAt(event, minute, closingMinute)
    const from = path[minute]! + pulled
    pulled = effect.move
    const to = path[minute + 1]! + pulled
    const usual = stock.tradesPerMinute * day.activity
    // The crowd that an event draws comes whatever the minute's own mood.
    const mean = usual * (busyness(minute, minutes) * mood[minute]! + effect.trades - 1)
    const drawn = stream.poisson(mean)
    if (minute < haltedUntil) {
      heldBack += drawn
      continue
    }
    const resumes = minute === haltedUntil
    const trades = minute === 0 || resumes ? Math.max(3, drawn + 2 * heldBack) : drawn
    heldBack = 0
    if (trades === 0) continue
    // After an interruption the price starts at the end of the path that was not traded.
    const prices = tradedPrices(
      stream,
      resumes ? to : from,
      to,
      sigma[minute]! * (1 + 0.03 * (effect.trades - 1)),
      trades,
      stock.spread,
      limits,
    )
    if (minute === 0 || resumes) reference = prices.open
    const volume = tradedVolume(stream, stock, trades)
    const stopped = stoppedAt(prices, reference, limits)
    bar(minute, stopped ?? prices, volume)
    if (stopped !== null) haltedUntil = minute + 1 + stream.integer(2, 3)
  }

  const middle = median(bars.slice(1).map(({ volume }) => volume)) || stock.tradeSize
  const opening = bars[0]
  if (opening !== undefined) bars[0] = { ...opening, volume: opening.volume + auction(stream, middle * OPENING_TIMES) }
  if (session.closingBar !== null) {
    const { close } = day
    bar(closingMinute, { open: close, high: close, low: close, close }, auction(stream, middle * CLOSING_TIMES))
  }
  return bars
}

interface Prices {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

const QUIET = { move: 0, trades: 1 }

/**
 * Log prices at the edges of the minutes, pinned to the session's close (a Brownian bridge over uneven minutes), each
 * minute's volatility, and the mood that moves volatility and trades together: calm and lively times follow each other.
 */
const logPath = (stream: Random, stock: SimulatedStock, day: SimulatedDay, minutes: number) => {
  const start = Math.log(day.previousClose)
  const end = Math.log(day.close)
  const path = new Float64Array(minutes + 1)
  const sigma = new Float64Array(minutes)
  const mood = new Float64Array(minutes)
  const variance = new Float64Array(minutes + 1)
  const perMinute = (stock.dailySigma * day.volatility * 0.75) / Math.sqrt(minutes)
  path[0] = start + 0.4 * (end - start) + 0.2 * stock.dailySigma * stream.normal()
  let calm = 0.4 * stream.normal()
  for (let minute = 0; minute < minutes; minute++) {
    calm = 0.93 * calm + 0.2 * stream.normal()
    const fat = stream.uniform() < 0.02 ? 3.5 : 1
    mood[minute] = Math.sqrt(fat) * Math.exp(calm + 0.6 * stream.normal() - 0.35)
    sigma[minute] = perMinute * Math.sqrt(busyness(minute, minutes)) * Math.exp(0.85 * calm - 0.2)
    path[minute + 1] = path[minute]! + sigma[minute]! * fat * stream.normal()
    variance[minute + 1] = variance[minute]! + sigma[minute]! ** 2
  }
  const missing = end + 0.3 * perMinute * stream.normal() * Math.sqrt(10) - path[minutes]!
  for (let minute = 1; minute <= minutes; minute++) path[minute]! += (missing * variance[minute]!) / variance[minutes]!
  return { path, sigma, mood }
}

/** The day's U shape: lively at the open, quiet at noon, lively before the close; about 1 on average. */
const busyness = (minute: number, minutes: number): number =>
  0.62 + 1.5 * Math.exp(-minute / 25) + 0.5 * Math.exp(-minute / 90) + 0.9 * Math.exp(-(minutes - minute) / 18)

/** Trades jump between bid and ask around the path, on KRX's steps, inside the day's limits. */
const tradedPrices = (
  stream: Random,
  from: number,
  to: number,
  sigma: number,
  trades: number,
  spread: number,
  limits: { low: number; high: number },
): Prices => {
  const points = Math.min(trades, POINTS)
  let buying = stream.uniform() < 0.5
  let open = 0
  let high = 0
  let low = Infinity
  let close = 0
  for (let point = 0; point < points; point++) {
    const part = points === 1 ? stream.uniform() : point / (points - 1)
    const middle = Math.exp(from + (to - from) * part + sigma * Math.sqrt(part * (1 - part)) * stream.normal())
    if (stream.uniform() < 0.22) buying = !buying
    const away = 3 * spread * stream.uniform() ** 4 * tickOf(middle)
    const price = Math.min(
      limits.high,
      Math.max(limits.low, buying ? ceilTick(middle + away) : floorTick(middle - away)),
    )
    if (point === 0) open = price
    if (price > high) high = price
    if (price < low) low = price
    close = price
  }
  return { open, high, low, close }
}

/** The volume of a minute. Sizes of trades are heavy-tailed; for many trades only their sum is drawn. */
const tradedVolume = (stream: Random, { tradeSize, tradeSpread }: SimulatedStock, trades: number): number => {
  const block = stream.uniform() < BLOCK_CHANCE ? Math.exp(2 + 0.6 * stream.normal()) : 1
  if (trades > 8) {
    const mean = tradeSize * Math.exp(tradeSpread ** 2 / 2)
    return Math.max(
      trades,
      Math.round(block * trades * mean * Math.exp((tradeSpread / Math.sqrt(trades)) * stream.normal())),
    )
  }
  let volume = 0
  for (let trade = 0; trade < trades; trade++)
    volume += Math.max(1, Math.round(tradeSize * Math.exp(tradeSpread * stream.normal())))
  return Math.round(volume * block)
}

/** If the price reached an interruption's bound, the minute's prices up to that moment; else null. */
const stoppedAt = (prices: Prices, reference: number, limits: { low: number; high: number }): Prices | null => {
  const top = ceilTick(reference * (1 + VI))
  const bottom = floorTick(reference * (1 - VI))
  const up = prices.high >= top && top < limits.high
  if (!up && !(prices.low <= bottom && bottom > limits.low)) return null
  const at = up ? top : bottom
  const inside = (price: number) => (up ? Math.min(price, top) : Math.max(price, bottom))
  return { open: inside(prices.open), high: inside(prices.high), low: inside(prices.low), close: at }
}

const auction = (stream: Random, expected: number): number =>
  Math.max(1, Math.round(expected * Math.exp(0.35 * stream.normal())))

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
