import { COLOR } from './theme.ts'

/** A label at a place of its axis, given as a share 0 … 1 from the axis's begin. */
export interface PlacedLabel {
  readonly share: number
  readonly label: string
  readonly color?: string
}

/** Most distance of a label from its place, as a share of the axis: about a pixel. */
const TOLERANCE = 0.002
const MOST_PLACES = 240

/**
 * Puts labels at any place of an axis: a category axis has its labels at equal distances, and all others are empty. It
 * has as few places as possible, because each costs the renderer time and memory.
 */
export const placedLabels = (
  placed: readonly PlacedLabel[],
): { labels: string[]; gridColors: string[]; colors: string[] } => {
  const inside = placed.filter(({ share }) => share >= 0 && share <= 1)
  const places = placesFor(inside.map(({ share }) => share))
  const labels = Array.from({ length: places + 1 }, () => '')
  const gridColors = labels.map((): string => COLOR.none)
  const colors = labels.map((): string => COLOR.none)
  for (const { share, label, color } of inside) {
    const place = Math.round(share * places)
    labels[place] = label
    gridColors[place] = COLOR.grid
    colors[place] = color ?? COLOR.faint
  }
  return { labels, gridColors, colors }
}

const placesFor = (shares: readonly number[]): number => {
  let best = { places: 1, error: Infinity }
  for (let places = 1; places <= MOST_PLACES; places++) {
    const error = Math.max(0, ...shares.map((share) => Math.abs(Math.round(share * places) / places - share)))
    if (error < best.error) best = { places, error }
    if (error <= TOLERANCE) break
  }
  return best.places
}

export interface WordStyle {
  readonly color: string
  /** CSS pixels, the size of `font`. */
  readonly size: number
  readonly font: object
  readonly outline?: string
  /** CSS pixels between the point and the word below it. */
  readonly lower?: number
}

/**
 * Writes a word centred on a point of the plot: a horizontal axis through the point, of which only the word is visible.
 */
export const wordAt = (
  word: string,
  point: { readonly x: number; readonly y: number },
  x: { readonly min: number; readonly max: number },
  style: WordStyle,
) => ({
  type: 'category' as const,
  axis: 'x' as const,
  position: { y: point.y },
  offset: false,
  labels: placedLabels([{ share: (point.x - x.min) / (x.max - x.min), label: word }]).labels,
  border: { display: false },
  grid: { display: false },
  ticks: {
    autoSkip: false,
    maxRotation: 0,
    z: 1,
    // Labels hang below their axis, so the word is moved up by its height.
    padding: -style.size + (style.lower ?? 0),
    color: style.color,
    font: style.font,
    ...(style.outline === undefined ? {} : { textStrokeColor: style.outline, textStrokeWidth: 4 }),
  },
})
