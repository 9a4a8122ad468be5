import { Piscina } from 'piscina'
import type { Chart, Charts } from './charts.ts'

/** A request to the drawing thread. */
export type Drawing = Pick<Chart, 'config' | 'width' | 'height'>

/**
 * A picture leaves megabytes of short-lived objects behind. A small heap is swept often instead of growing to hundreds
 * of megabytes.
 */
const HEAP = { maxYoungGenerationSizeMb: 3, maxOldGenerationSizeMb: 96 } as const

/**
 * Draws in a thread of this process, one picture after the other, so that an alert's chart does not hold up the next
 * minute's bars. The thread, its libraries and the font are loaded with the first picture. The thread does not keep the
 * process alive, and a new one replaces one that died.
 */
export const createCanvasCharts = (): Charts => {
  const threads = new Piscina<Drawing, Uint8Array>({
    filename: new URL('./canvas-worker.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    resourceLimits: HEAP,
    atomics: 'disabled',
  })
  return {
    async png({ config, width, height }) {
      const png = await threads.run({ config, width, height })
      return Buffer.from(png.buffer, png.byteOffset, png.byteLength)
    },
  }
}
