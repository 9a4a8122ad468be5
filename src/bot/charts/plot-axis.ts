import { niceTicks } from './nice-ticks.ts'

/**
 * One axis of a scatter plot of heavy-tailed values. A configuration in plain JSON cannot define a scale of its own, so
 * values are placed here on a hidden linear scale, and a visible scale shows their labels at the same places.
 */
export interface PlotAxis {
  /** Bounds on the hidden scale. */
  readonly min: number
  readonly max: number
  /** The place of a value on the hidden scale. */
  place(value: number): number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

/**
 * If the farthest value is this many times the typical one, a linear scale would press the ordinary minutes into one
 * spot.
 */
const HEAVY_TAIL = 20
const MARGIN = 0.05
const MOST_TICKS = 7

export const plotAxis = (values: readonly number[], label: (value: number) => string): PlotAxis => {
  const low = Math.min(...values, Infinity)
  const high = Math.max(...values, -Infinity)
  if (!(low <= high)) return linear(0, 1, label)
  const sizes = values
    .map(Math.abs)
    .filter((size) => size > 0)
    .sort((a, b) => a - b)
  const typical = sizes[Math.floor(sizes.length / 2)] ?? 1
  if (Math.max(high, -low) / typical < HEAVY_TAIL) return linear(low, high, label)
  return logLike(low, high, 10 ** Math.round(Math.log10(typical)), label)
}

const linear = (low: number, high: number, label: (value: number) => string): PlotAxis => {
  const bounds = widened(low, high)
  const { min, max, stepSize, decimals } = niceTicks(bounds.min, bounds.max, MOST_TICKS)
  const count = Math.round((max - min) / stepSize)
  const values = Array.from({ length: count + 1 }, (_, i) => Number((min + i * stepSize).toFixed(decimals)))
  const inside = values.filter((value) => value >= bounds.min && value <= bounds.max)
  return { ...bounds, place: (value) => value, ticks: inside.map((value) => ({ value, label: label(value) })) }
}

/** Linear up to `unit`, decades beyond it, on both sides of zero: sign(v) · log₁₀(1 + |v| / unit). */
const logLike = (low: number, high: number, unit: number, label: (value: number) => string): PlotAxis => {
  const place = (value: number) => Math.sign(value) * Math.log10(1 + Math.abs(value) / unit)
  const bounds = widened(place(low), place(high))
  const decades = Array.from({ length: 14 }, (_, i) => unit * 10 ** i)
  const inside = (candidates: readonly number[]) =>
    candidates.filter((value) => place(value) >= bounds.min && place(value) <= bounds.max)
  const signed = (sizes: readonly number[]) => [...sizes.map((size) => -size).reverse(), 0, ...sizes]
  const coarse = inside(signed(decades))
  const fine = inside(signed(decades.flatMap((decade) => [decade, 3 * decade])))
  const values = fine.length <= MOST_TICKS ? fine : coarse
  return { ...bounds, place, ticks: thinned(values).map((value) => ({ value, label: label(value) })) }
}

const widened = (low: number, high: number) => {
  const span = high - low || Math.max(Math.abs(high), 1)
  return { min: low - span * MARGIN, max: high + span * MARGIN }
}

/** Drops every second tick, but not zero, until they fit. */
const thinned = (values: readonly number[]): readonly number[] => {
  if (values.length <= MOST_TICKS + 2) return values
  const zero = Math.max(0, values.indexOf(0))
  return thinned(values.filter((_, i) => (i - zero) % 2 === 0))
}
