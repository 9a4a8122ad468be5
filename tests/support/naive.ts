import type { Market } from '../../src/model/features/market.ts'
import type { Parameters } from '../../src/model/features/parameters.ts'
import type { Ohlcv } from '../../src/model/time/bar.ts'
import type { Calendar, Session } from '../../src/model/time/session.ts'

/** Slow, obvious twins of clever routines. */

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** Sums over the entries whose index lies in `[end − minutes, end)`. */
export const naiveWindowSum = (
  entries: readonly { index: number; value: number }[],
  end: number,
  minutes: number,
): number => sum(entries.filter(({ index }) => index >= end - minutes && index < end).map(({ value }) => value))

/** 1 + how many earlier scores lie in a higher step of 1/512. */
export const naiveRank = (earlier: readonly number[], score: number): number =>
  1 + earlier.filter((other) => Math.floor(other * 512) > Math.floor(score * 512)).length

/** The least inertia of k runs of these numbers, by trying every way to cut them. */
export const naiveLeastInertia = (values: readonly number[], k: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const spread = (run: readonly number[]) => {
    const mean = sum(run) / run.length
    return sum(run.map((value) => (value - mean) ** 2))
  }
  const best = (from: number, runs: number): number => {
    if (runs === 1) return spread(sorted.slice(from))
    let least = spread(sorted.slice(from))
    for (let to = from + 1; to < sorted.length; to++)
      least = Math.min(least, spread(sorted.slice(from, to)) + best(to, runs - 1))
    return least
  }
  return best(0, k)
}

/**
 * Alerts from each boundary: the most that it or any higher one would have raised, because a lower one joins
 * neighbouring alerts.
 */
export const naiveAlertsFrom = (
  minutes: readonly { openTime: number; score: number }[],
  boundaries: readonly number[],
): number[] =>
  boundaries.map((boundary) =>
    Math.max(...boundaries.filter((other) => other >= boundary).map((other) => naiveAlerts(minutes, other))),
  )

/** Alerts of one boundary: minutes that reach it, each more than ten minutes after the last one that did. */
const naiveAlerts = (minutes: readonly { openTime: number; score: number }[], boundary: number): number => {
  const reached = minutes.filter(({ score }) => score >= boundary)
  return reached.filter(({ openTime }, i) => i === 0 || openTime - reached[i - 1]!.openTime > 600_000).length
}

/** The higher of two middle values; 0 of none. */
export const naiveMedian = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** The n-th smallest value, counted from 0. */
export const naiveNthSmallest = (values: readonly number[], n: number): number => values.toSorted((a, b) => a - b)[n]!

/** The step of a session that a fifth of its steps are smaller than; 0 if no price has moved. */
export const naiveTick = (steps: readonly number[]): number => {
  const some = steps.filter((step) => step > 0).toSorted((a, b) => a - b)
  return some[Math.floor(0.2 * some.length)] ?? 0
}

/** One bar, measured against the bars before it. */
interface Measured {
  readonly bar: Ohlcv
  readonly session: Session
  readonly slot: number
  readonly index: number
  /** The number of changes of the scale of prices before it. */
  readonly scale: number
  /** Expected multiple at its time of day. */
  readonly factor: number
  /** Mean volume of a minute of the baseline. */
  readonly level: number
  /** True if the baseline is long enough to measure against. */
  readonly known: boolean
  /** Log return of the minute. */
  readonly step: number
  /** Overnight gap as a log return; null unless the bar opens a session. */
  readonly gap: number | null
  /** Steps between its prices, and from the close before. */
  readonly steps: readonly number[]
}

/** Settings of a market and a tracker. */
export interface NaiveSettings {
  readonly calendar: Calendar
  readonly market: Market
  readonly parameters: Parameters
  readonly horizons: readonly number[]
}

const slotsOf = (session: Session): number => (session.continuousEnd - session.open) / 60_000
const SCALE_JUMP = { krx: Math.log(1.6), weekdays: Math.log(3), '24h': Math.log(8) }

/**
 * Volume by time of day after these finished sessions: a number for each step of the market's profile, the last one for
 * the closing auction.
 */
const naiveFactors = (sessions: readonly (readonly Measured[])[], { profile }: Market, weight: number): number[] => {
  const market = [...profile.multiples, profile.closing]
  if (profile.starts.length === 1) return market
  let factors = market
  const totals = market.map(() => 0)
  for (const [n, minutes] of sessions.entries()) {
    const slots = slotsOf(minutes[0]!.session)
    const bins = Array.from({ length: slots + 1 }, (_, slot) => naiveBin(profile.starts, slot, slots))
    factors = factors.map((factor, bin) => {
      const places = bins.filter((other) => other === bin).length
      const multiples = minutes
        .filter(({ slot, known }) => bins[slot] === bin && known)
        .map(({ bar, level }) => bar.volume / level)
      totals[bin]! += places > 0 ? sum(multiples) / places : factor
      return (totals[bin]! + weight * market[bin]!) / (n + 1 + weight)
    })
  }
  return factors
}

/** The last step of the market's profile that has begun; the closing auction comes after all of them. */
const naiveBin = (starts: readonly number[], slot: number, slots: number): number =>
  slot === slots ? starts.length : starts.findLastIndex((start) => start <= slot)

/** Readings of the bars, straight from the definitions; `horizons` is null while too little is known. */
export const naiveReadings = (bars: readonly Ohlcv[], { calendar, market, parameters, horizons }: NaiveSettings) => {
  const { baselineMinutes, leastTraded, ownVolatility, moveAlone, profileWeight, gapWeight } = parameters
  const closes = calendar.name !== '24h'
  const lengthOf = (session: Session) => slotsOf(session) + (closes ? 1 : 0)
  const unitOf = (own: number, usual: number) => own ** ownVolatility * usual ** (1 - ownVolatility)
  const seen: Measured[] = []
  let factors: number[] = []

  /** Trading minutes from the start of one session to that of another; at most four sessions between them count. */
  const minutesBetween = (from: Session, to: Session): number => {
    const between = [from]
    for (
      let next = calendar.nextSession(from.open);
      next.open < to.open && between.length < 5;
      next = calendar.nextSession(next.open)
    )
      between.push(next)
    return sum(between.map(lengthOf))
  }

  return bars.map((bar) => {
    const session = calendar.sessionAt(bar.openTime)!
    const slots = slotsOf(session)
    const slot = Math.min(slots, (bar.openTime - session.open) / 60_000)
    const previous = seen.at(-1)
    const opens = previous?.session.open !== session.open
    const began = previous ? previous.index - previous.slot : 0
    const index = slot + (previous && opens ? began + minutesBetween(previous.session, session) : began)
    if (opens) {
      const finished = [...Map.groupBy(seen, (minute) => minute.session.open).values()]
      factors = naiveFactors(finished, market, profileWeight)
    }
    const factorAt = (at: number) => factors[naiveBin(market.profile.starts, at, slots)]!

    const fresh = !previous || Math.abs(Math.log(bar.open / previous.bar.close)) > SCALE_JUMP[calendar.name]
    const scale = previous ? previous.scale + (fresh ? 1 : 0) : 0
    const alike = seen.filter((minute) => minute.scale === scale)
    const today = alike.filter((minute) => minute.session.open === session.open)
    const inReach = closes ? today : alike
    const minutes = Math.min(baselineMinutes, index - (alike[0]?.index ?? index))
    const baseline = alike.filter((minute) => minute.index >= index - baselineMinutes)
    const halfDay = minutes > 0 ? sum(baseline.map((minute) => minute.bar.volume / minute.factor)) / minutes : 0
    const lastHour = alike
      .filter((minute) => minute.index >= index - 60)
      .map((minute) => minute.bar.volume / minute.factor)
    const lately = minutes > 0 ? sum(lastHour) / Math.min(60, minutes) : 0
    const level = Math.min(halfDay, Math.max(lately, parameters.leastUsual * halfDay))
    const turnover =
      minutes > 0 ? sum(baseline.map((minute) => (minute.bar.volume / minute.factor) * minute.bar.close)) / minutes : 0
    const moved = baseline.length > 0 ? Math.sqrt(sum(baseline.map(({ step }) => step ** 2)) / baseline.length) : 0
    const sigma = Math.max(market.usualMove / 10, moved)
    const known = baseline.length >= leastTraded && level > 0

    // The tick is that of the newest finished session in which a price moved, from its last change of scale on. During
    // the first session it is that of the steps so far, measured each time they have doubled.
    const byDay = [...Map.groupBy(alike, (minute) => minute.session.open).values()].map((all) =>
      all.flatMap(({ steps }) => steps).filter((step) => step > 0),
    )
    const finished = byDay
      .slice(0, alike.at(-1)?.session.open === session.open ? -1 : undefined)
      .filter((steps) => steps.length > 0)
    const first = byDay.at(-1) ?? []
    let soFar = 0
    for (let count = 1; count <= first.length; count *= 2) soFar = naiveTick(first.slice(0, count))
    const tick = finished.length > 0 ? naiveTick(finished.at(-1)!) : soFar

    const gaps = seen.flatMap(({ gap }) => (gap === null ? [] : [gap]))
    const usualGap = Math.sqrt(
      (gapWeight * market.usualGap ** 2 + sum(gaps.map((gap) => gap ** 2))) / (gapWeight + gaps.length),
    )
    const gapOpens = opens && closes && !fresh
    const gap = gapOpens ? Math.log(bar.open / previous.bar.close) : null

    const read = (length: number, shortest: boolean) => {
      const reference =
        inReach.findLast((minute) => minute.index <= index - length)?.bar.close ?? inReach[0]?.bar.open ?? bar.open
      const stretch = [...inReach.filter((minute) => minute.index > index - length).map((minute) => minute.bar), bar]
      const volume = sum(stretch.map((b) => b.volume))
      const places = Array.from({ length: slot + 1 }, (_, at) => at).slice(closes ? -length : -1)
      const expected = (length * sum(places.map(factorAt))) / places.length
      const up = Math.log(bar.high / reference)
      const down = Math.log(bar.low / reference)
      const rises = up >= -down
      const move = rises ? up : down
      const unit = unitOf(sigma, market.usualMove) * Math.sqrt(length)
      const itself = {
        minutes: length,
        reference,
        gap: false,
        direction: rises ? 'up' : 'down',
        move,
        usualMove: sigma * Math.sqrt(length),
        unit,
        price: Math.max(0, Math.abs(move) - tick / reference) / unit,
      }
      const gapUnit = unitOf(usualGap, market.usualGap)
      const gapPrice = gap === null || !shortest ? 0 : Math.max(0, Math.abs(gap) - tick / previous!.bar.close) / gapUnit
      const odder =
        gapPrice > itself.price
          ? {
              minutes: length,
              reference: previous!.bar.close,
              gap: true,
              direction: gap! > 0 ? 'up' : 'down',
              move: gap!,
              usualMove: usualGap,
              unit: gapUnit,
              price: gapPrice,
            }
          : itself
      return {
        ...odder,
        volume,
        usualVolume: level * expected,
        turnover: sum(stretch.map((b) => b.volume * b.close)),
        usualTurnover: turnover * (level / halfDay) * expected,
        surge: odder.price * (moveAlone + Math.log(1 + volume / (level * expected))),
      }
    }
    const reading = {
      have: index - (alike[0]?.index ?? index),
      traded: baseline.length,
      known,
      opens,
      index,
      sigma,
      usualVolume: level * factorAt(slot),
      baselineMinutes: minutes,
      timeOfDay: market.profile.starts.length > 1 && seen.some((minute) => minute.session.open !== session.open),
      horizons: known ? horizons.map((length, h) => read(length, h === 0)) : null,
    }
    const pairs = [
      ...(fresh || gapOpens ? [] : [[bar.open, previous.bar.close]]),
      [bar.high, bar.low],
      [bar.open, bar.close],
      [bar.high, bar.close],
    ]
    seen.push({
      bar,
      session,
      slot,
      index,
      scale,
      factor: factorAt(slot),
      level: halfDay,
      known,
      step: Math.log(bar.close / (fresh || (opens && closes) ? bar.open : previous.bar.close)),
      gap,
      steps: pairs.map(([a, b]) => Math.abs(a! - b!)),
    })
    return reading
  })
}
