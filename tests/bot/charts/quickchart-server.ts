import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runInNewContext } from 'node:vm'
import { createCanvasCharts } from '../../../src/bot/charts/canvas.ts'
import type { Chart } from '../../../src/bot/charts/charts.ts'

/** The requests that the service got. */
export interface Asked {
  readonly chart: string
  readonly width: number
  readonly height: number
  readonly format: string
  readonly version: string
  readonly backgroundColor: string
  readonly devicePixelRatio: number
}

export type Answer = (response: ServerResponse, asked: Asked) => void | Promise<void>

/** QuickChart takes any such text for a loop and refuses it. */
const LOOP = /(for|while)\s*\(/i
const MOST_BYTES = 100 * 1024

/**
 * A QuickChart on loopback: POST /chart takes the configuration as a JavaScript expression and answers with a PNG, or
 * with 400 and a header that says why. It draws with our renderer, unless `answer` takes its place to misbehave.
 */
export const quickChartServer = async (answer: Answer = draws) => {
  const asked: Asked[] = []
  let behaviour = answer
  const server = createServer((request, response) => {
    void body(request).then(async (text) => {
      if (request.method !== 'POST' || request.url !== '/chart') return response.writeHead(404).end()
      if (text.length > MOST_BYTES) return response.writeHead(413).end('request entity too large')
      const wanted = JSON.parse(text) as Asked
      asked.push(wanted)
      return behaviour(response, wanted)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    behave(next: Answer) {
      behaviour = next
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

const charts = createCanvasCharts()

export const draws: Answer = async (response, { chart, width, height }) => {
  try {
    if (LOOP.test(chart)) throw new Error('Input is not allowed')
    const config = JSON.parse(runInNewContext(`JSON.stringify(${chart})`)) as Chart['config']
    const png = await charts.png({ config, width, height, alt: '' })
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': png.length }).end(png)
  } catch (error) {
    response.writeHead(400, { 'x-quickchart-error': String(error) }).end()
  }
}

const body = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
