import { createSeededRandom } from '../../src/model/clusters/random.ts'
import { boundary } from '../../src/model/detector/boundary.ts'
import { createDetector } from '../../src/model/detector/detector.ts'
import type { Model } from '../../src/model/detector/model.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { isLabelled, type Labels, type Series } from '../detection/data.ts'
import type { ReplaySettings } from '../detection/replay.ts'
import { type TradingMinutes, tradingMinutes } from '../detection/trading-minutes.ts'

/** A made-up sudden minute: the close moves so far on so many times the mean volume of the hour before. */
export interface Injection {
  readonly move: number
  readonly multiple: number
}

/** Counts of some injected minutes. */
export interface Caught {
  readonly minutes: number
  readonly judged: number
  readonly abnormal: number
  /** Abnormal, and at or above the boundary. */
  readonly signalled: number
}

const HOUR = 60

/**
 * The bars up to one of them, with that one moved; later bars would not change its judgement. Null if nothing was
 * traded in the hour before.
 */
const withInjection = (
  bars: readonly Bar[],
  { index }: TradingMinutes,
  at: number,
  { move, multiple }: Injection,
): Bar[] | null => {
  let before = 0
  for (let i = at - 1; i >= 0 && index[i]! >= index[at]! - HOUR; i--) before += bars[i]!.volume
  if (before === 0) return null
  const bar = bars[at]!
  const close = bar.close * (1 + move)
  return [
    ...bars.slice(0, at),
    {
      ...bar,
      close,
      high: Math.max(bar.high, close),
      low: Math.min(bar.low, close),
      volume: (multiple * before) / HOUR,
    },
  ]
}

/**
 * Judges injected minutes one by one, each at the end of a history of its own. The models of a stock are fitted once.
 */
const catcher = (settings: ReplaySettings, rate: number) => {
  const models = new Map<string, Map<number, Model>>()
  const caught = { minutes: 0, judged: 0, abnormal: 0, signalled: 0 }
  return {
    judge(symbol: string, bars: readonly Bar[]) {
      const known = models.get(symbol) ?? new Map<number, Model>()
      models.set(symbol, known)
      const detector = createDetector({ symbol, ...settings }, (cutoff) => known.get(cutoff) ?? null)
      for (const bar of bars.slice(0, -1)) detector.push(bar)
      const judged = detector.push(bars.at(-1)!)
      for (const model of detector.takeFitted()) known.set(model.cutoff, model)
      caught.minutes++
      if (judged.state !== 'judged') return
      caught.judged++
      if (!judged.abnormal) return
      caught.abnormal++
      if (judged.score >= boundary(detector.model!, rate)) caught.signalled++
    },
    /** The counts since the last call; the models stay. */
    take(): Caught {
      const taken = { ...caught }
      Object.assign(caught, { minutes: 0, judged: 0, abnormal: 0, signalled: 0 })
      return taken
    },
  }
}

/** Some bars, and the place of the one that is to be moved. */
interface Target {
  readonly bars: readonly Bar[]
  readonly minutes: TradingMinutes
  readonly at: number
}

/** Injects sudden minutes into the bars that are drawn from each series. */
const injector = (series: readonly Series[], settings: ReplaySettings, rate: number, seed: number) => {
  const catching = catcher(settings, rate)
  const random = createSeededRandom(seed)
  return (injection: Injection, draw: (each: Series, random: () => number) => Iterable<Target>): Caught => {
    for (const each of series)
      for (const { bars, minutes, at } of draw(each, random)) {
        const moved = withInjection(bars, minutes, at, injection)
        if (moved) catching.judge(each.symbol, moved)
      }
    return catching.take()
  }
}

const BOTH = [1, -1]
/** ±3 % on 30× and so on; up first. */
const LIQUID_CASES: readonly Injection[] = (
  [
    [0.03, 30],
    [0.05, 5],
    [0.05, 15],
    [0.08, 5],
    [0.08, 20],
    [0.15, 3],
  ] as const
).flatMap(([size, multiple]) => BOTH.map((sign) => ({ move: sign * size, multiple })))
const LIQUID_MINUTES = 250

/** One minute a stock and case, drawn after the sixtieth, in the liquid stocks of one session. */
export const injectIntoDay = (
  series: readonly Series[],
  settings: ReplaySettings,
  rate: number,
): { injection: Injection; caught: Caught }[] => {
  const liquid = series.filter(({ bars }) => bars.length >= LIQUID_MINUTES)
  const inject = injector(liquid, settings, rate, 1)
  const draw = ({ bars }: Series, random: () => number): Target[] => {
    const minutes = tradingMinutes(bars, settings.calendar)
    const first = minutes.index.findIndex((index) => index >= minutes.index[0]! + HOUR)
    return [{ bars, minutes, at: first + Math.floor(random() * (bars.length - first)) }]
  }
  return LIQUID_CASES.map((injection) => ({ injection, caught: inject(injection, draw) }))
}

const COIN_CASES: readonly Injection[] = BOTH.map((sign) => ({ move: sign * 0.06, multiple: 60 }))
const DRAWS = 10
const FIRST_DAY = 1440

/** Some minutes a coin, drawn after its first day and away from every label, whose hour before was traded. */
export const injectIntoCoins = (
  series: readonly Series[],
  labels: Labels,
  settings: ReplaySettings,
  rate: number,
): { injection: Injection; caught: Caught }[] => {
  const inject = injector(series, settings, rate, 2)
  const draw = ({ symbol, bars }: Series, random: () => number): Target[] => {
    const minutes = tradingMinutes(bars, settings.calendar)
    const free = bars.flatMap(({ openTime }, i) =>
      minutes.index[i]! >= minutes.index[0]! + FIRST_DAY && !isLabelled(labels, symbol, openTime / MINUTE) ? [i] : [],
    )
    const draws = free.length > 0 ? DRAWS : 0
    return Array.from({ length: draws }, () => ({ bars, minutes, at: free[Math.floor(random() * free.length)]! }))
  }
  return COIN_CASES.map((injection) => ({ injection, caught: inject(injection, draw) }))
}

/** The place of a minute in a session: so many minutes after the open, or after a pause of so many. */
export type Place = { readonly minute: number } | { readonly pause: number }
const PLACES: readonly Place[] = [{ minute: 0 }, { minute: 1 }, { minute: 5 }, { pause: 3 }]
const OPEN_CASES: readonly Injection[] = BOTH.map((sign) => ({ move: sign * 0.05, multiple: 15 }))
const SESSIONS = 3
const FIRST_SESSION = 2
/** A pause ends this many minutes after the open or later. */
const PAUSE_FROM = 10

/**
 * Some sessions a stock, from its third on: early minutes, and minutes after a pause without bars, as after a VI or a
 * halt.
 */
export const injectIntoSessions = (
  series: readonly Series[],
  settings: ReplaySettings,
  rate: number,
): { place: Place; injection: Injection; caught: Caught }[] => {
  const { calendar } = settings
  const inject = injector(series, settings, rate, 3)
  const drawAt = (place: Place) =>
    function* draw({ bars }: Series, random: () => number): Generator<Target> {
      const sessions = [...Map.groupBy(bars, ({ openTime }) => calendar.sessionAt(openTime)!)].slice(FIRST_SESSION)
      for (let drawn = 0; drawn < SESSIONS; drawn++) {
        const [session, day] = sessions[Math.floor(random() * sessions.length)]!
        const late = day.filter(({ openTime }) => openTime >= session.open + PAUSE_FROM * MINUTE)
        const time =
          'minute' in place
            ? session.open + place.minute * MINUTE
            : (late[Math.floor(random() * late.length)]?.openTime ?? Number.NaN)
        const before = 'pause' in place ? time - place.pause * MINUTE : time
        const some = bars.filter(({ openTime }) => openTime < before || openTime === time)
        if (some.at(-1)?.openTime !== time) continue
        yield { bars: some, minutes: tradingMinutes(some, calendar), at: some.length - 1 }
      }
    }
  return PLACES.flatMap((place) =>
    OPEN_CASES.map((injection) => ({ place, injection, caught: inject(injection, drawAt(place)) })),
  )
}
