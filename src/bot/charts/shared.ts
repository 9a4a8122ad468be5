import { createHash } from 'node:crypto'
import type { Chart, Charts } from './charts.ts'

/** Pictures kept: those of an outbreak, some 60 KB each. */
const MOST_KEPT = 128

/**
 * Draws equal charts once: those of one episode in one language, whose alert goes to many channels. Callers that come
 * while a picture is drawn wait for it. One that fails is drawn anew at the next call.
 */
export const createSharedCharts = (charts: Charts): Charts => {
  const kept = new Map<string, Promise<Buffer>>()
  return {
    png(chart) {
      const key = keyOf(chart)
      const known = kept.get(key)
      if (known) return known
      const drawing = charts.png(chart)
      kept.set(key, drawing)
      drawing.catch(() => kept.delete(key))
      const [oldest] = kept.keys()
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
      return drawing
    },
  }
}

const keyOf = ({ config, width, height }: Chart): string =>
  createHash('sha1')
    .update(JSON.stringify([config, width, height]))
    .digest('base64')
