import { COLOR } from './theme.ts'

/** A label at a share of its axis, 0 … 1 from where the axis begins. */
export interface PlacedLabel {
  readonly share: number
  readonly label: string
  readonly color?: string
}

/** How far from its place a label may stand, as a share of the axis: a pixel or so. */
const TOLERANCE = 0.002
const MOST_PLACES = 240

/**
 * Labels at any place of an axis: a category axis, whose labels stand at equal distances, with an empty label everywhere else. It has as few places as
 * will do, for each costs the renderer time and memory.
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

export interface WordLook {
  readonly color: string
  /** CSS pixels, as `font` says it. */
  readonly size: number
  readonly font: object
  readonly outline?: string
  /** CSS pixels by which the word stands lower than its point. */
  readonly lower?: number
}

/** A word centred on a point of the plot: a horizontal axis through the point, invisible but for the word. */
export const wordAt = (
  word: string,
  point: { readonly x: number; readonly y: number },
  x: { readonly min: number; readonly max: number },
  look: WordLook,
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
    // Labels hang below their axis: a line up brings the middle of the word onto it.
    padding: -look.size + (look.lower ?? 0),
    color: look.color,
    font: look.font,
    ...(look.outline === undefined ? {} : { textStrokeColor: look.outline, textStrokeWidth: 4 }),
  },
})
