import { placedLabels } from './placed-labels.ts'
import { FONT_SIZE, font } from './theme.ts'

/** A word inside the picture, at the left edge. */
export interface Note {
  /** Distance from the top as a share of the height, 0 … 1. */
  readonly at: number
  readonly text: string
  readonly color: string
}

/**
 * Writes words inside the plot without a plugin or a function: a second vertical axis at the left edge with its labels
 * turned inwards.
 */
export const notesAxis = (notes: readonly Note[]) => {
  const { labels, colors } = placedLabels(notes.map(({ at, text, color }) => ({ share: at, label: text, color })))
  return {
    type: 'category',
    axis: 'y',
    position: 'left',
    labels,
    offset: false,
    border: { display: false },
    grid: { display: false },
    ticks: { autoSkip: false, mirror: true, padding: 4, z: 1, color: colors, font: font(FONT_SIZE.small) },
  } as const
}
