import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { alertChart } from '../../../src/bot/charts/alert-chart.ts'
import { createCanvasCharts } from '../../../src/bot/charts/canvas.ts'
import type { Charts } from '../../../src/bot/charts/charts.ts'
import { clusterChart } from '../../../src/bot/charts/cluster-chart.ts'
import { createCharts } from '../../../src/bot/charts/index.ts'
import { createQuickChartCharts } from '../../../src/bot/charts/quickchart.ts'
import { texts } from '../../../src/bot/locale/index.ts'
import { marketBars, spanOf, stockOf, unusualAt } from '../../support/bars.ts'
import { centersOf } from './centers.ts'
import { type Answer, draws, quickChartServer } from './quickchart-server.ts'

const inProcess = createCanvasCharts()
const span = spanOf(marketBars({ seed: 1, minutes: 60, pumpAt: 50 }))
const chart = alertChart(
  { stock: stockOf({ provenance: { kind: 'simulated' } }), span, minute: unusualAt(span, 45) },
  texts.ko.charts,
)

let server: Awaited<ReturnType<typeof quickChartServer>>
beforeAll(async () => {
  server = await quickChartServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.asked.length = 0
  server.behave(draws)
})

/** A fallback that counts its calls, and a log that stores its lines. */
const client = (options: { timeoutMs?: number; url?: string } = {}) => {
  const lines: { level: string; fields: unknown }[] = []
  const log = {
    warn: (fields: unknown) => void lines.push({ level: 'warn', fields }),
    info: (fields: unknown) => void lines.push({ level: 'info', fields }),
  }
  let drawnHere = 0
  const fallback: Charts = {
    png(each) {
      drawnHere++
      return inProcess.png(each)
    },
  }
  const charts = createQuickChartCharts({ url: server.url, fallback, log: log as never, ...options })
  return { charts, lines, drawnHere: () => drawnHere }
}

test('the service draws, from the same configuration, the same picture', async () => {
  const { charts, drawnHere } = client({ timeoutMs: 25_000 })
  const png = await charts.png(chart)
  expect(png.equals(await inProcess.png(chart))).toBe(true)
  expect(drawnHere()).toBe(0)
  expect(server.asked[0]).toMatchObject({
    width: 640,
    height: 480,
    devicePixelRatio: 2,
    version: '4',
    format: 'png',
    backgroundColor: '#14171c',
  })
})

test('the cluster chart goes the same way, and fits into a request', async () => {
  const { charts, drawnHere } = client({ timeoutMs: 25_000 })
  const clusters = clusterChart(centersOf({ k: 4, points: 3_000, features: 'seed' }), texts.en.charts)
  expect((await charts.png(clusters)).equals(await inProcess.png(clusters))).toBe(true)
  expect(drawnHere()).toBe(0)
})

const failures: Record<string, Answer> = {
  'an error of the server': (response) => void response.writeHead(503).end('busy'),
  'a refusal with a reason': (response) =>
    void response.writeHead(400, { 'x-quickchart-error': 'Input is not allowed' }).end(),
  'a page instead of a picture': (response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>'),
  'a picture of another size': async (response) => {
    const png = await inProcess.png({ ...chart, width: 320, height: 240 })
    response.writeHead(200, { 'content-type': 'image/png' }).end(png)
  },
  'a cut connection': (response) => void response.socket?.destroy(),
  'an answer that breaks off': (response) => {
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': 100_000 })
    response.write(Buffer.from([0x89, 0x50]))
    setImmediate(() => response.socket?.destroy())
  },
  'no answer in time': () => {},
}

test.for(Object.entries(failures))(
  'after %s the picture is drawn here, and the log says so once',
  async ([, answer]) => {
    const { charts, lines, drawnHere } = client({ timeoutMs: 300 })
    server.behave(answer)
    const expected = await inProcess.png(chart)
    expect((await charts.png(chart)).equals(expected)).toBe(true)
    expect((await charts.png(chart)).equals(expected)).toBe(true)
    expect(drawnHere()).toBe(2)
    expect(lines.map(({ level }) => level)).toEqual(['warn'])
  },
)

test('while it fails the service is not asked for every picture', async () => {
  const { charts } = client()
  server.behave(failures['an error of the server']!)
  for (let i = 0; i < 3; i++) await charts.png(chart)
  expect(server.asked).toHaveLength(1)
})

test('a service that is not there is logged by its address, never by the configuration', async () => {
  const gone = await quickChartServer()
  await gone.close()
  const { charts, lines, drawnHere } = client({ url: gone.url })
  await charts.png(chart)
  expect(drawnHere()).toBe(1)
  expect(JSON.stringify(lines)).toContain(new URL(gone.url).host)
  expect(JSON.stringify(lines)).not.toContain('datasets')
})

test('an address decides who draws', async () => {
  const log = { warn: () => {}, info: () => {} } as never
  await createCharts({ quickChartUrl: null, log }).png(chart)
  expect(server.asked).toHaveLength(0)
  await createCharts({ quickChartUrl: `${server.url}/chart`, log }).png(chart)
  expect(server.asked).toHaveLength(1)
})
