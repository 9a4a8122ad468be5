import { Worker } from 'node:worker_threads'
import type { Chart, Charts } from './charts.ts'

/** What the drawing thread is asked, and what it answers. */
export type Drawing = Pick<Chart, 'config' | 'width' | 'height'> & { readonly id: number }
export type Drawn = { readonly id: number } & ({ readonly png: Uint8Array } | { readonly error: string })

/** A picture leaves megabytes of short-lived objects behind: a small heap is swept often instead of growing to hundreds of megabytes. */
const HEAP = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 96 } as const

interface Waiting {
  readonly resolve: (png: Buffer) => void
  readonly reject: (error: Error) => void
}

/**
 * Draws in this process, in a thread of its own, one picture after the other: an alert's chart does not hold up the next minute's bars. The thread, its
 * libraries and the font come with the first picture; it does not keep the process alive, and a new one takes the place of one that died.
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
    started.on('message', (drawn: Drawn) => {
      const asked = waiting.get(drawn.id)
      waiting.delete(drawn.id)
      if (waiting.size === 0) started.unref()
      if ('png' in drawn) asked?.resolve(Buffer.from(drawn.png.buffer, drawn.png.byteOffset, drawn.png.byteLength))
      else asked?.reject(new Error(`chart not drawn: ${drawn.error}`))
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
        // Cloning comes first: a configuration that is not plain data is refused before anything waits for it.
        worker.postMessage(drawing)
        waiting.set(id, { resolve, reject })
        worker.ref()
      }),
  }
}
