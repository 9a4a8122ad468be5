import type { Ohlcv } from '../../src/model/bar.ts'

/** Slow, obvious twins of clever routines. */

/** Sums over the entries whose index lies in `[end − minutes, end)`. */
export const naiveWindowSum = (entries: readonly { index: number; value: number }[], end: number, minutes: number): number =>
  entries.filter(({ index }) => index >= end - minutes && index < end).reduce((sum, { value }) => sum + value, 0)

/** 1 + how many earlier scores lie in a higher step of 1/512. */
export const naiveRank = (earlier: readonly number[], score: number): number =>
  1 + earlier.filter((other) => Math.floor(other * 512) > Math.floor(score * 512)).length

/** The least inertia of k runs of these numbers, by trying every way to cut them. */
export const naiveLeastInertia = (values: readonly number[], k: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const spread = (run: readonly number[]) => {
    const mean = run.reduce((a, b) => a + b, 0) / run.length
    return run.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  }
  const best = (from: number, runs: number): number => {
    if (runs === 1) return spread(sorted.slice(from))
    let least = spread(sorted.slice(from))
    for (let to = from + 1; to < sorted.length; to++) least = Math.min(least, spread(sorted.slice(from, to)) + best(to, runs - 1))
    return least
  }
  return best(0, k)
}

/** Features of the last bar of a market that never closes, straight from their definitions, over every bar before it. */
export const naiveFeatures = (bars: readonly Ohlcv[]): { price: number; volume: number; surge: number } | null => {
  const MINUTES = 1440
  const minuteOf = (bar: Ohlcv) => bar.openTime / 60_000
  const at = (n: number) => {
    const bar = bars[n]!
    const now = minuteOf(bar)
    const before = bars.slice(0, n)
    const minutes = Math.min(MINUTES, now - minuteOf(bars[0]!))
    const inside = before.flatMap((other, i) => (minuteOf(other) >= now - MINUTES ? [i] : []))
    return { bar, now, minutes, inside }
  }
  const volumes: number[] = []
  const squares: number[] = []
  let [rise, fall, climb, burst] = [0, 0, 0, 0]
  let ticks: { day: number; size: number }[] = []
  let out: { price: number; volume: number; surge: number } | null = null
  for (let n = 0; n < bars.length; n++) {
    const { bar, now, minutes, inside } = at(n)
    const previous = bars[n - 1]
    const previousClose = previous?.close ?? bar.open
    const since = previous ? now - minuteOf(previous) : 1
    const level = minutes > 0 ? inside.reduce((sum, i) => sum + volumes[i]!, 0) / minutes : 0
    const sigma = Math.max(5e-4, inside.length ? Math.sqrt(inside.reduce((sum, i) => sum + squares[i]!, 0) / inside.length) : 0)
    const liquid = inside.length >= 0.8 * minutes
    const day = Math.floor(bar.openTime / 86_400_000)
    const opens = !previous || Math.floor(previous.openTime / 86_400_000) !== day
    const halted = !opens && liquid && since > 2 && since <= 10 ? since : 1
    const scale = Math.cbrt(sigma) * 0.0031 ** (2 / 3) * Math.sqrt(halted)
    const step = Math.log(bar.close / previousClose)
    out = null
    if (inside.length >= 20 && level > 0) {
      const smallest = (of: number) => Math.min(...ticks.filter((t) => t.day === of).map((t) => t.size))
      // The tick of the newest day with bars before this one's day, and of this day so far.
      const lastDay = Math.max(
        ...bars
          .slice(0, n)
          .map((b) => Math.floor(b.openTime / 86_400_000))
          .filter((d) => d < day),
      )
      const known = [smallest(day), smallest(lastDay)].filter(Number.isFinite)
      const tick = known.length ? Math.min(...known) / previousClose : 0
      const up = Math.log(bar.high / previousClose)
      const rises = Math.max(0, up - tick + (up - step) / 3) / scale
      const falls = Math.max(0, -Math.log(bar.low / previousClose) - tick) / scale
      rise = Math.max(rises, rise * 0.95 ** since)
      fall = Math.max(falls, fall * 0.95 ** since)
      climb *= 0.99 ** since
      burst = Math.log1p(bar.volume / (level * halted)) + burst * 0.7 ** since
      const price = Math.max(rise, 0.36 * Math.max(0, rises + climb), (2 / 3) * fall)
      climb = Math.max(0, climb + step / scale)
      out = { price, volume: burst, surge: price * burst ** 1.5 }
    }
    volumes.push(minutes > 60 && level > 0 ? Math.min(bar.volume, 200 * level) : bar.volume)
    squares.push(Math.min(Math.abs(step), minutes > 60 ? 5 * sigma : Infinity) ** 2)
    const pairs = [...(previous ? [[bar.open, previousClose]] : []), [bar.high, bar.low], [bar.open, bar.close], [bar.high, bar.close]]
    ticks = [...ticks, ...pairs.map(([a, b]) => ({ day, size: Math.abs(a! - b!) })).filter(({ size }) => size > 0)]
  }
  return out
}
