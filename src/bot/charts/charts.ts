import type { ChartConfiguration } from 'chart.js'

/**
 * A Chart.js configuration in plain JSON, without functions and plugins, so that every renderer draws the same picture.
 */
export interface Chart {
  readonly config: ChartConfiguration
  /** CSS pixels; pictures are drawn at twice the size. */
  readonly width: number
  readonly height: number
  /** A description of the picture in words. */
  readonly alt: string
}

/** Draws charts as PNG. */
export interface Charts {
  png(chart: Chart): Promise<Buffer>
}
