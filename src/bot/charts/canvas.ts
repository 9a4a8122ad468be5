import { Worker } from 'node:worker_threads'
import type { Chart, Charts } from './charts.ts'

/** A request to the drawing thread. */
export type Drawing = Pick<Chart, 'config' | 'width' | 'height'> & { readonly id: number }
/** The thread's answer to the request of the same id. */
export type DrawingResult = { readonly id: number } & ({ readonly png: Uint8Array } | { readonly error: string })

/**
 * A picture leaves megabytes of short-lived objects behind. A small heap is swept often instead of growing to hundreds
 * of megabytes.
 */
const HEAP = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 96 } as const

interface Waiting {
  readonly resolve: (png: Buffer) => void
  readonly reject: (error: Error) => void
}

/**
 * Draws in a thread of this process, one picture after the other, so that an alert's chart does not hold up the next
 * minute's bars. The thread, its libraries and the font are loaded with the first picture. The thread does not keep the
 * process alive, and a new one replaces one that died.
 */
export const createCanvasCharts = (): Charts => {
  let worker: Worker | null = null
  let nextId = 0
  const waiting = new Map<number, Waiting>()

  const start = (): Worker => {
    const started = new Worker(new URL('./canvas-worker.ts', import.meta.url), { resourceLimits: HEAP })
    const died = (error: Error) => {
      if (worker !== started) return
      worker = null
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    started.on('message', (result: DrawingResult) => {
      const request = waiting.get(result.id)
      waiting.delete(result.id)
      if (waiting.size === 0) started.unref()
      if ('png' in result)
        request?.resolve(Buffer.from(result.png.buffer, result.png.byteOffset, result.png.byteLength))
      else request?.reject(new Error(`chart not drawn: ${result.error}`))
    })
    started.on('error', (cause) => died(new Error('the drawing thread failed', { cause })))
    started.on('exit', (code) => died(new Error(`the drawing thread ended with code ${code}`)))
    return started
  }

  return {
    png: ({ config, width, height }) =>
      new Promise<Buffer>((resolve, reject) => {
        worker ??= start()
        const id = nextId++
        const drawing: Drawing = { id, config, width, height }
        // Posting clones the configuration and throws if it is not plain data, before anything waits for an answer.
        worker.postMessage(drawing)
        waiting.set(id, { resolve, reject })
        worker.ref()
      }),
  }
}
