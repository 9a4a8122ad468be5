import type { Ohlcv } from '../time/bar.ts'
import type { Calendar, Session } from '../time/session.ts'
import { createBaseline } from './baseline.ts'
import { createGaps } from './gaps.ts'
import { emptyHorizon, type HorizonReading, measureGap, measureMove } from './horizon.ts'
import type { Market } from './market.ts'
import { createMinuteIndex } from './minute-index.ts'
import type { Parameters } from './parameters.ts'
import { createProfile, type Profile } from './profile.ts'
import { createRecentBars } from './recent-bars.ts'
import type { Stateful } from './state-tape.ts'
import { createTick } from './tick.ts'

export type { HorizonReading } from './horizon.ts'

/** The stretches that end with each minute, in minutes, shortest first: the minute itself, and the slow move. */
export const HORIZONS: readonly number[] = [1, 15]

/**
 * A jump by this factor between two bars is no trade but a new scale of prices: KRX moves 30 % a day at most, the
 * others have no limit.
 */
const SCALE_JUMP = { krx: 1.6, weekdays: 3, '24h': 8 }

/**
 * A bar measured against the minutes before it. One object is reused for every bar; copy what outlives the next one.
 */
export interface Reading {
  /** Trading minutes since the first bar, or since the price scale last changed. */
  have: number
  /** Traded minutes in the baseline. */
  traded: number
  /** False while the baseline is too thin for the features, which are 0 then. */
  known: boolean
  session: Session
  /** True for the first bar of its session. */
  opens: boolean
  /** Trading minutes since the first bar's session began, sessions without a bar included. */
  index: number
  /** Root mean square of the baseline's one-minute log returns. */
  sigma: number
  /** Usual volume of the minute. */
  usualVolume: number
  baselineMinutes: number
  /** True once the usual volume knows the stock's own time of day. */
  timeOfDay: boolean
  /** In the order of the horizons. */
  readonly horizons: readonly HorizonReading[]
}

/** Rolling, strictly causal baselines of one symbol: a bar is measured before it becomes part of them. */
export interface Tracker extends Stateful {
  /** @throws {RangeError} unless bars come in strict time order, inside sessions, with finite numbers */
  push(bar: Ohlcv): Reading
  /** The reading of the newest bar; null before the first. */
  readonly reading: Reading | null
}

/**
 * A tracker of one symbol that has seen no bar. Its baseline is the last trading minutes, see {@link createBaseline}.
 * A session's first return is from its own open.
 */
export const createTracker = (
  calendar: Calendar,
  market: Market,
  parameters: Parameters,
  horizons: readonly number[] = HORIZONS,
): Tracker => {
  const { ownVolatility, moveAlone, profileWeight, gapWeight } = parameters
  const closes = calendar.name !== '24h'
  const scaleJump = SCALE_JUMP[calendar.name]
  const marketMove = market.usualMove ** (1 - ownVolatility)
  const marketGap = market.usualGap ** (1 - ownVolatility)
  const place = createMinuteIndex(calendar)
  const baseline = createBaseline(parameters, market.usualMove)
  const recent = createRecentBars(Math.max(...horizons))
  const tick = createTick()
  const gaps = createGaps(market.usualGap, gapWeight)
  let profile: Profile | null = null
  let sessionOpen = 0
  let lastTime = -Infinity
  let lastClose = 0
  const reading: Reading = {
    have: 0,
    traded: 0,
    known: false,
    session: place.session,
    opens: false,
    index: 0,
    sigma: 0,
    usualVolume: 0,
    baselineMinutes: 0,
    timeOfDay: false,
    horizons: horizons.map(emptyHorizon),
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
      const opens = place.advance(openTime)
      const { slot, index } = place
      if (opens) {
        profile?.turn(place.slots)
        tick.turn()
        if (closes) recent.clear()
      }
      profile ??= createProfile(market.profile, place.slots, profileWeight)
      let fresh = lastTime === -Infinity
      if (!fresh && (open > lastClose * scaleJump || lastClose > open * scaleJump)) {
        baseline.clear()
        recent.clear()
        tick.clear()
        fresh = true
      }
      const breaks = fresh || (opens && closes)
      if (breaks) sessionOpen = open
      const gap = breaks && !fresh ? Math.log(open / lastClose) : null

      baseline.measure(index)
      const { known } = baseline
      const factor = profile.factor(slot)
      reading.have = baseline.have
      reading.traded = baseline.traded
      reading.known = known
      reading.session = place.session
      reading.opens = opens
      reading.index = index
      reading.sigma = baseline.sigma
      reading.usualVolume = baseline.usualVolume * factor
      reading.baselineMinutes = baseline.minutes
      reading.timeOfDay = profile.sessions > 0
      const unit = known ? baseline.sigma ** ownVolatility * marketMove : 0
      for (let h = 0; h < horizons.length; h++) {
        const into = reading.horizons[h]!
        if (known) {
          const { minutes } = into
          // A stretch that began before the session is measured as if it had been still until the open.
          const expected = minutes * profile.mean(Math.max(0, closes ? slot - minutes + 1 : slot), slot)
          measureMove(into, bar, recent.before(index, minutes), sessionOpen, expected, baseline, unit, tick.size)
          if (gap !== null && h === 0)
            measureGap(into, gap, lastClose, gaps.usual, gaps.usual ** ownVolatility * marketGap, tick.size)
          into.surge = into.price * (moveAlone + Math.log1p(into.volume / into.usualVolume))
        } else into.price = into.surge = 0
      }

      baseline.add(volume / factor, close, Math.log(close / (breaks ? open : lastClose)))
      recent.add(index, close, volume)
      if (known) profile.add(slot, volume / baseline.meanVolume)
      if (gap !== null) gaps.add(gap)
      else if (!fresh) tick.learn(open, lastClose)
      tick.learn(high, low)
      tick.learn(open, close)
      tick.learn(high, close)
      lastTime = openTime
      lastClose = close
      return reading
    },
    get reading() {
      return lastTime === -Infinity ? null : reading
    },
    carry(tape) {
      for (const part of [place, baseline, recent, tick, gaps]) part.carry(tape)
      sessionOpen = tape.number(sessionOpen)
      lastTime = tape.number(lastTime)
      lastClose = tape.number(lastClose)
      if (lastTime === -Infinity) return
      profile ??= createProfile(market.profile, place.slots, profileWeight)
      profile.carry(tape)
      // The state has the part of the reading that is asked for after its bar; the next bar measures all of it anew.
      reading.session = place.session
      reading.sigma = tape.number(reading.sigma)
      reading.usualVolume = tape.number(reading.usualVolume)
      for (const into of reading.horizons) {
        into.unit = tape.number(into.unit)
        into.tick = tape.number(into.tick)
      }
    },
  }
}
