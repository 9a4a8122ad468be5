import { MINUTE, type Ohlcv } from '../time/bar.ts'
import type { Calendar, Session } from '../time/session.ts'
import { createGaps } from './gaps.ts'
import type { Market } from './market.ts'
import type { Parameters } from './parameters.ts'
import { continuousSlots, createProfile, type Profile } from './profile.ts'
import { createRecentBars } from './recent-bars.ts'
import { createTick } from './tick.ts'
import { createWindow } from './window.ts'

/** The stretches that end with each minute, in minutes, shortest first: the minute itself, and the slow move. */
export const HORIZONS: readonly number[] = [1, 15]

/** A jump by this factor between two bars is no trade but a new scale of prices: KRX moves 30 % a day at most, the others have no limit. */
const SCALE_JUMP = { krx: 1.6, weekdays: 3, '24h': 8 }
/** A stock whose price has never moved is taken to move by this part of its market's usual move. */
const STILL = 0.1

/** What the bar looks like over one horizon. Moves are log returns, volumes are in shares (or coins), turnover in the venue's currency. */
export interface HorizonReading {
  /** The stretch that ends with this bar. */
  readonly minutes: number
  /**
   * The price it is measured from: the last close at least so many minutes back in the same session, else the session's open; the close before the session
   * where the overnight gap is what is odd.
   */
  reference: number
  /** Whether that gap is what is odd. */
  gap: boolean
  direction: 'up' | 'down'
  /** ln(high / reference) or ln(low / reference), whichever is further out. */
  move: number
  /** What such a stretch usually moves: root mean square, √minutes of one minute's. */
  usualMove: number
  volume: number
  usualVolume: number
  turnover: number
  usualTurnover: number
  /** One tick at the reference, as a log return. */
  tick: number
  /** The move that counts as 1 beyond a tick: √minutes usual moves, a quarter of the way from the market's to the stock's own, as logarithms. */
  unit: number
  /** The move less a tick, in units; 0 within a tick. */
  price: number
  /**
   * The feature that is clustered: price × (1 + ln(1 + volume / usual)), far out only when price is and all the more when volume is too. It has no unit.
   * After J. Kamps, B. Kleinberg, "To the moon: defining and detecting cryptocurrency pump-and-dumps", Crime Science 7 (2018) 18, who ask for both surges at
   * once by two thresholds.
   */
  surge: number
}

/** What a bar looks like against the minutes before it. One object is reused for every bar; copy what is to be kept. */
export interface Reading {
  /** Trading minutes since the first bar, or since the price scale last changed. */
  have: number
  /** Traded minutes in the baseline. */
  traded: number
  /** False while the baseline is too thin for the features, which are 0 then. */
  known: boolean
  session: Session
  /** The first bar of its session. */
  opens: boolean
  /** Trading minutes since the first bar's session began, sessions without a bar included. */
  index: number
  /** Root mean square of the baseline's one-minute log returns. */
  sigma: number
  /** Usual volume of the minute. */
  usualVolume: number
  baselineMinutes: number
  /** Whether the stock's own time of day takes part. */
  timeOfDay: boolean
  /** In the order of the horizons. */
  readonly horizons: readonly HorizonReading[]
}

/** Rolling, strictly causal baselines of one symbol: a bar is measured before it becomes part of them. */
export interface Tracker {
  /** @throws {RangeError} unless bars come in strict time order, inside sessions, with finite numbers */
  push(bar: Ohlcv): Reading
}

const NO_SESSION: Session = { date: '', open: 0, continuousEnd: 0, closingBar: null, close: 0 }
/** Trading minutes of the last hour. */
const HOUR = 60
/** Columns of the baseline: volume over its time of day, turnover likewise, squared return. */
const VOLUME = 0
const TURNOVER = 1
const SQUARE = 2

/**
 * A tracker of one symbol that has seen no bar. Its baseline is the last trading minutes: an absent minute counts as one without volume, and takes no part in
 * the volatility, √(Σr² / n) of the traded minutes' log returns r. A session's first return is from its own open.
 */
export const createTracker = (
  calendar: Calendar,
  market: Market,
  parameters: Parameters,
  horizons: readonly number[] = HORIZONS,
): Tracker => {
  const { baselineMinutes, leastUsual, leastTraded, ownVolatility, moveAlone } = parameters
  const resets = calendar.name !== '24h'
  const scaleJump = SCALE_JUMP[calendar.name]
  const marketShare = market.usualMove ** (1 - ownVolatility)
  const window = createWindow(baselineMinutes, 3)
  const hour = createWindow(HOUR, 1)
  const entry = new Float64Array(3)
  const recent = createRecentBars(Math.max(...horizons))
  const tick = createTick()
  const gaps = createGaps(market.usualGap, parameters.gapWeight)
  let profile: Profile | null = null
  let session = NO_SESSION
  let sessionOpen = 0
  let slots = 0
  let base = 0
  let first = 0
  let lastTime = -Infinity
  let lastClose = 0
  const reading: Reading = {
    have: 0,
    traded: 0,
    known: false,
    session,
    opens: false,
    index: 0,
    sigma: 0,
    usualVolume: 0,
    baselineMinutes: 0,
    timeOfDay: false,
    horizons: horizons.map((minutes) => ({
      minutes,
      reference: 0,
      gap: false,
      direction: 'up',
      move: 0,
      usualMove: 0,
      volume: 0,
      usualVolume: 0,
      turnover: 0,
      usualTurnover: 0,
      tick: 0,
      unit: 0,
      price: 0,
      surge: 0,
    })),
  }

  const enter = (time: number) => {
    const entered = calendar.sessionAt(time)
    if (!entered)
      throw new RangeError(`bar at ${new Date(time).toISOString()} is outside the sessions of ${calendar.name}`)
    const next = continuousSlots(entered)
    if (profile) {
      let between = session
      base += slots + (resets ? 1 : 0)
      // Four sessions without a bar empty every window; more need not be counted.
      for (let skipped = 0; skipped < 4; skipped++) {
        between = calendar.nextSession(between.open)
        if (between.open >= entered.open) break
        base += continuousSlots(between) + (resets ? 1 : 0)
      }
      profile.turn(next)
    }
    session = entered
    slots = next
    profile ??= createProfile(market.profile, slots, parameters.profileWeight)
    tick.turn()
    if (resets) recent.clear()
  }

  /** The move over one horizon against what is usual for it. */
  const measure = (
    into: HorizonReading,
    bar: Ohlcv,
    slot: number,
    index: number,
    unit: number,
    level: number,
    turnover: number,
  ) => {
    const { minutes } = into
    const { high, low, close, volume } = bar
    const before = recent.before(index, minutes)
    into.reference = before.reference || sessionOpen
    into.gap = false
    into.volume = before.volume + volume
    into.turnover = before.turnover + volume * close
    // A stretch that began before the session is measured as if it had been still until the open.
    const expected = minutes * profile!.mean(Math.max(0, resets ? slot - minutes + 1 : slot), slot)
    into.usualVolume = level * expected
    into.usualTurnover = turnover * expected
    const root = Math.sqrt(minutes)
    into.usualMove = reading.sigma * root
    const up = Math.log(high / into.reference)
    const down = Math.log(low / into.reference)
    into.direction = up >= -down ? 'up' : 'down'
    into.move = into.direction === 'up' ? up : down
    into.unit = unit * root
    into.tick = tick.size / into.reference
    into.price = Math.max(0, Math.abs(into.move) - into.tick) / into.unit
  }
  const unitOf = (own: number, share: number) => own ** ownVolatility * share
  /** The overnight gap is judged against the stock's own gaps, and told where it is odder than what the minute itself did. */
  const measureGap = (into: HorizonReading, open: number) => {
    const gap = Math.log(open / lastClose)
    const unit = unitOf(gaps.usual, market.usualGap ** (1 - ownVolatility))
    const price = Math.max(0, Math.abs(gap) - tick.size / lastClose) / unit
    if (price <= into.price) return
    into.tick = tick.size / lastClose
    into.unit = unit
    into.price = price
    into.gap = true
    into.reference = lastClose
    into.move = gap
    into.direction = gap > 0 ? 'up' : 'down'
    into.usualMove = gaps.usual
  }

  return {
    push(bar) {
      const { openTime, open, high, low, close, volume } = bar
      if (!Number.isFinite(open + high + low + close + volume))
        throw new RangeError(
          `bar at ${openTime} holds a number that is not finite: ${[open, high, low, close, volume].join(', ')}`,
        )
      if (!(openTime > lastTime))
        throw new RangeError(`bar at ${openTime} does not follow ${lastTime}: bars must come in strict time order`)
      const opens = openTime >= session.close
      if (opens) enter(openTime)
      const slot = openTime >= session.continuousEnd ? slots : (openTime - session.open) / MINUTE
      const index = base + slot
      let fresh = lastTime === -Infinity
      if (!fresh && (open > lastClose * scaleJump || lastClose > open * scaleJump)) {
        window.clear()
        hour.clear()
        recent.clear()
        tick.clear()
        fresh = true
      }
      if (fresh) first = index
      if (fresh || (opens && resets)) sessionOpen = open
      window.advance(index)
      hour.advance(index)

      const minutes = Math.min(baselineMinutes, index - first)
      const traded = window.count
      const halfDay = minutes > 0 ? window.sum(VOLUME) / minutes : 0
      const lately = minutes > 0 ? hour.sum(0) / Math.min(HOUR, minutes) : 0
      const level = Math.min(halfDay, Math.max(lately, leastUsual * halfDay))
      const sigma = Math.max(STILL * market.usualMove, traded > 0 ? Math.sqrt(window.sum(SQUARE) / traded) : 0)
      const gapOpens = opens && resets && !fresh
      const known = traded >= leastTraded && level > 0

      reading.have = index - first
      reading.traded = traded
      reading.known = known
      reading.session = session
      reading.opens = opens
      reading.index = index
      reading.sigma = sigma
      reading.usualVolume = level * profile!.factor(slot)
      reading.baselineMinutes = minutes
      reading.timeOfDay = profile!.sessions > 0
      const unit = known ? unitOf(sigma, marketShare) : 0
      const turnover = known ? (window.sum(TURNOVER) / minutes) * (level / halfDay) : 0
      for (let h = 0; h < horizons.length; h++) {
        const into = reading.horizons[h]!
        if (known) {
          measure(into, bar, slot, index, unit, level, turnover)
          if (gapOpens && h === 0) measureGap(into, open)
          into.surge = into.price * (moveAlone + Math.log1p(into.volume / into.usualVolume))
        } else into.price = into.surge = 0
      }

      const step = fresh || (opens && resets) ? Math.log(close / open) : Math.log(close / lastClose)
      const multiple = volume / profile!.factor(slot)
      entry[VOLUME] = multiple
      entry[TURNOVER] = multiple * close
      entry[SQUARE] = step * step
      window.set(index, entry)
      hour.set(index, entry)
      recent.add(index, close, volume)
      if (known) profile!.add(slot, volume / halfDay)
      if (gapOpens) gaps.add(Math.log(open / lastClose))
      if (!fresh && !gapOpens) tick.learn(open, lastClose)
      tick.learn(high, low)
      tick.learn(open, close)
      tick.learn(high, close)
      lastTime = openTime
      lastClose = close
      return reading
    },
  }
}
