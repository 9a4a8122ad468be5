import { MINUTE, type Ohlcv } from './bar.ts'
import { CLOSING, continuousSlots, createProfile, type Profile } from './profile.ts'
import type { Calendar, Session } from './session.ts'
import { createWindow } from './window.ts'

/** Minutes of the rolling baseline. */
const BASELINE = 1440
/** Traded minutes that a baseline needs. */
export const LEAST_TRADED = 20
/** Volatility of a small stock's ordinary minute, as a log return: two thirds of the scale; the stock's own is the other third. */
const USUAL_SIGMA = 0.0031
const USUAL_SHARE = USUAL_SIGMA ** (2 / 3)
const SIGMA_FLOOR = 5e-4
/** Usual jump from one session's close to the next open, before the stock's own is known, and its weight in sessions. */
const USUAL_GAP = 0.015
const GAP_WEIGHT = 5
/** What a minute hands on to the next: the best move, the climb, the volume. */
const HOLD_MOVE = 0.95
const HOLD_CLIMB = 0.99
const HOLD_VOLUME = 0.7
/** Part of the high's excess over the close that counts again, of a climb, and of a fall. */
const WICK = 1 / 3
const CLIMB = 0.36
const FALL = 2 / 3
/** A minute enters the baseline with at most this many times its usual move and volume, so that an event does not hide the next. */
const MOVE_CAP = 5
const VOLUME_CAP = 200
/** Share of minutes that trade from which a silence is a halt. */
const LIQUID = 0.8
const HALT = 10
/** Minutes that a climb is told over, and the surge from which it is told at all. */
const STRETCH = 60
const TOLD_FROM = 20
/** A jump of this size between two bars is no trade but a new price scale. */
const SCALE_JUMP = { krx: Math.log(1.6), weekdays: Math.log(3), '24h': Math.log(8) }

/** What a bar looks like against the minutes before it. One object is reused for every bar; copy what is to be kept. */
export interface Reading {
  /** Trading minutes since the first bar, or since the price scale last changed. */
  have: number
  /** Traded minutes in the baseline. */
  traded: number
  /** False while the baseline is too thin for the features, which are 0 then. */
  known: boolean
  session: Session
  /** Trading minutes since the first bar's session began, sessions without a bar included. */
  index: number
  direction: 'up' | 'down'
  previousClose: number
  /** ln(high / previous close) or ln(low / previous close), whichever is further out. */
  move: number
  /** What carries the price feature: this minute's own move, the best of the last minutes, or a climb. */
  carrier: 'move' | 'held' | 'climb'
  /** Root mean square of the baseline's one-minute log returns. */
  sigma: number
  /** Usual volume at this time of day, and usual turnover. */
  meanVolume: number
  meanTurnover: number
  baselineMinutes: number
  timeOfDay: boolean
  /** Where the price has come from within an hour, when its feature is carried by more than this minute: minutes, and log return; else 0. */
  stretchMinutes: number
  stretchMove: number
  /**
   * The feature that is clustered: price × volume^1.5, far out only when both are. Like the two it is made of it has no unit, and is 0 for a
   * minute in which nothing happens.
   * After J. Kamps, B. Kleinberg, "To the moon: defining and detecting cryptocurrency pump-and-dumps", Crime Science 7 (2018) 18, who ask for
   * both surges at once by two thresholds.
   */
  surge: number
  /**
   * The largest move against the close before, less a tick, in usual minutes of the market (see `scale`); the best of the last minutes fades
   * slowly, a climb over many minutes counts by its sum, a fall by two thirds.
   */
  price: number
  /** ln(1 + volume / usual volume), minutes without a trade counting as 0 in what is usual; what the last minutes had fades fast. */
  volume: number
}

/** Rolling, strictly causal baselines of one symbol: a bar is measured before it becomes part of them. */
export interface Tracker {
  /** @throws {RangeError} unless bars come in strict time order, inside sessions */
  push(bar: Ohlcv): Reading
}

const NO_SESSION: Session = { date: '', open: 0, continuousEnd: 0, closingBar: null, close: 0 }

/**
 * A tracker of one symbol that has seen no bar. Its baseline is the last 1,440 trading minutes: an absent minute counts as one without volume, and
 * takes no part in the volatility, √(Σr² / n) of the traded minutes' capped log returns r.
 */
export const createTracker = (calendar: Calendar): Tracker => {
  const resets = calendar.name !== '24h'
  const scaleJump = SCALE_JUMP[calendar.name]
  /** Columns: volume over its time of day, squared return, turnover over its time of day, traded. */
  const window = createWindow(BASELINE, 4)
  const entry = new Float64Array(4)
  /** Closes of the newest minutes by index; an absent minute keeps what its place held before. */
  const closes = new Float64Array(STRETCH)
  const closeIndices = new Float64Array(STRETCH).fill(-Infinity)
  let profile: Profile | null = null
  let session = NO_SESSION
  let slots = 0
  let base = 0
  let first = 0
  let lastIndex = 0
  let lastTime = -Infinity
  let lastClose = 0
  let tick = 0
  let tickBefore = 0
  let gapSquares = 0
  let gaps = 0
  let rise = 0
  let fall = 0
  let climb = 0
  let burst = 0
  const reading: Reading = {
    have: 0,
    traded: 0,
    known: false,
    session,
    index: 0,
    direction: 'up',
    previousClose: 0,
    move: 0,
    carrier: 'move',
    sigma: 0,
    meanVolume: 0,
    meanTurnover: 0,
    baselineMinutes: 0,
    timeOfDay: false,
    stretchMinutes: 0,
    stretchMove: 0,
    surge: 0,
    price: 0,
    volume: 0,
  }

  const enter = (time: number) => {
    const entered = calendar.sessionAt(time)
    if (!entered) throw new RangeError(`bar at ${new Date(time).toISOString()} is outside the sessions of ${calendar.name}`)
    if (profile) {
      let between = session
      base += slots + 1
      // Four sessions without a bar empty every window; more need not be counted.
      for (let skipped = 0; skipped < 4; skipped++) {
        between = calendar.nextSession(between.open)
        if (between.open >= entered.open) break
        base += continuousSlots(between) + (resets ? 1 : 0)
      }
      if (!resets) base--
      profile.turn()
    }
    session = entered
    slots = continuousSlots(entered)
    profile ??= createProfile(calendar, slots)
    tickBefore = tick
    tick = 0
    if (resets) rise = fall = climb = burst = 0
  }
  const learnTick = (a: number, b: number) => {
    const difference = Math.abs(a - b)
    if (difference > 0 && (tick === 0 || difference < tick)) tick = difference
  }
  /** The move to `price` from the furthest close of the last hour on the other side. */
  const tellStretch = (index: number, price: number) => {
    const up = reading.direction === 'up'
    let from = lastClose
    let at = index - 1
    for (let i = 0; i < STRETCH; i++) {
      if (closeIndices[i]! < Math.max(first, index - STRETCH + 1) || (up ? closes[i]! >= from : closes[i]! <= from)) continue
      from = closes[i]!
      at = closeIndices[i]!
    }
    reading.stretchMinutes = index - at
    reading.stretchMove = Math.log(price / from)
  }
  const startOver = (index: number) => {
    window.clear()
    first = index
    tick = tickBefore = rise = fall = climb = burst = 0
  }

  return {
    push(bar) {
      const { openTime, open, high, low, close, volume } = bar
      if (!(openTime > lastTime))
        throw new RangeError(`bar at ${openTime} does not follow ${lastTime}: bars must come in strict time order`)
      const opens = openTime >= session.close
      if (opens) enter(openTime)
      const slot = openTime >= session.continuousEnd ? slots : (openTime - session.open) / MINUTE
      const index = base + slot
      let fresh = lastTime === -Infinity
      if (fresh) first = index
      else if (Math.abs(Math.log(open / lastClose)) > scaleJump) {
        startOver(index)
        fresh = true
      }
      const previousClose = fresh ? open : lastClose
      window.advance(index)

      const minutes = Math.min(BASELINE, index - first)
      const traded = window.sum(3)
      const level = minutes > 0 ? window.sum(0) / minutes : 0
      const time = openTime >= session.continuousEnd ? CLOSING : slot
      const factor = profile!.factor(time)
      const sigma = Math.max(SIGMA_FLOOR, traded > 0 ? Math.sqrt(window.sum(1) / traded) : 0)
      const liquid = traded >= LIQUID * minutes
      const since = fresh ? 1 : Math.max(1, index - lastIndex)
      // The first bar of a session holds the opening auction; a liquid stock's first bar after a silence holds the one that ended its halt.
      const gapBar = resets && opens && !fresh
      const auction = gapBar && liquid && slot > 0 ? Math.max(factor, profile!.factor(0)) : factor
      const halted = !opens && liquid && since > 2 && since <= HALT ? since : 1
      const meanVolume = level * auction * halted
      const gapSigma = Math.sqrt((gapSquares + GAP_WEIGHT * USUAL_GAP * USUAL_GAP) / (gaps + GAP_WEIGHT))
      const calm = gapBar ? Math.max(1, gapSigma / sigma) : Math.sqrt(halted)
      const scale = Math.cbrt(sigma) * USUAL_SHARE * calm
      const up = Math.log(high / previousClose)
      const down = Math.log(low / previousClose)
      const step = Math.log(close / previousClose)
      const known = traded >= LEAST_TRADED && level > 0 && minutes > 0

      reading.have = index - first
      reading.traded = traded
      reading.known = known
      reading.session = session
      reading.index = index
      reading.previousClose = previousClose
      reading.sigma = sigma * calm
      reading.meanVolume = meanVolume
      reading.meanTurnover = minutes > 0 ? (window.sum(2) / minutes) * auction * halted : 0
      reading.baselineMinutes = minutes
      reading.timeOfDay = profile!.own
      reading.carrier = 'move'
      reading.surge = reading.price = reading.volume = 0
      reading.stretchMinutes = reading.stretchMove = 0
      if (known) {
        const tickReturn = (tick === 0 || tickBefore === 0 ? tick + tickBefore : Math.min(tick, tickBefore)) / previousClose
        const rises = Math.max(0, up - tickReturn + WICK * (up - step)) / scale
        const falls = Math.max(0, -down - tickReturn) / scale
        const multiple = Math.log1p(volume / meanVolume)
        rise = Math.max(rises, rise * HOLD_MOVE ** since)
        fall = Math.max(falls, fall * HOLD_MOVE ** since)
        climb *= HOLD_CLIMB ** since
        burst = multiple + burst * HOLD_VOLUME ** since
        const climbed = CLIMB * Math.max(0, rises + climb)
        climb = Math.max(0, climb + step / scale)
        const price = Math.max(rise, climbed, FALL * fall)
        reading.carrier = price === climbed ? 'climb' : price === rises || price === FALL * falls ? 'move' : 'held'
        reading.direction = price === FALL * fall && price > 0 ? 'down' : 'up'
        reading.price = price
        reading.volume = burst
        reading.surge = price * burst * Math.sqrt(burst)
        if (reading.surge > TOLD_FROM && reading.carrier !== 'move') tellStretch(index, reading.direction === 'up' ? high : low)
      } else reading.direction = up >= -down ? 'up' : 'down'
      reading.move = reading.direction === 'up' ? up : down

      const cap = minutes > 60 ? MOVE_CAP * sigma : Infinity
      const kept = gapBar ? 0 : Math.min(Math.abs(step), cap)
      const multiple = minutes > 60 && level > 0 ? Math.min(volume / factor, VOLUME_CAP * level) : volume / factor
      entry[0] = multiple
      entry[1] = kept * kept
      entry[2] = multiple * close
      entry[3] = 1
      window.set(index, entry)
      closes[index % STRETCH] = close
      closeIndices[index % STRETCH] = index
      if (level > 0) profile!.add(time, volume / level)
      if (gapBar) {
        gapSquares += Math.min(step * step, (MOVE_CAP * gapSigma) ** 2)
        gaps++
      }
      if (!fresh) learnTick(open, previousClose)
      learnTick(high, low)
      learnTick(open, close)
      learnTick(high, close)
      lastIndex = index
      lastTime = openTime
      lastClose = close
      return reading
    },
  }
}
