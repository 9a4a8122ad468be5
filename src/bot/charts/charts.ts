import type { ChartConfiguration } from 'chart.js'

/** A Chart.js configuration that is plain JSON: no functions, no plugins, so every renderer draws the same picture. */
export interface Chart {
  readonly config: ChartConfiguration
  /** CSS pixels; pictures are drawn at twice the size. */
  readonly width: number
  readonly height: number
  /** What the picture shows, in words. */
  readonly alt: string
}

/** Draws charts as PNG. */
export interface Charts {
  png(chart: Chart): Promise<Buffer>
}
