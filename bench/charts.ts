/**
 * Milliseconds a chart: `npm run bench -- charts [rounds]`. Charts are drawn in process, by a QuickChart on loopback (a
 * stand-in that draws with the same renderer, so it shows what the way there costs; the public service is a network
 * away), and as candles by matplotlib.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { alertChart } from '../src/bot/charts/alert-chart.ts'
import { createCanvasCharts } from '../src/bot/charts/canvas.ts'
import draw from '../src/bot/charts/canvas-worker.ts'
import type { Chart } from '../src/bot/charts/charts.ts'
import { clusterChart } from '../src/bot/charts/cluster-chart.ts'
import { createQuickChartCharts } from '../src/bot/charts/quickchart.ts'
import { PIXEL_RATIO } from '../src/bot/charts/theme.ts'
import { texts } from '../src/bot/locale/index.ts'
import { createLog } from '../src/log.ts'
import { centersOf } from '../tests/bot/charts/centers.ts'
import { quickChartServer } from '../tests/bot/charts/quickchart-server.ts'
import { marketBars, spanOf, stockOf, unusualAt } from '../tests/support/bars.ts'
import { type Figure, printFigures, type Rival, reasonOf } from './figures.ts'
import { python } from './python.ts'

const ROUNDS = 60
const WARM_UP = 3
const BARS = 96

const span = (minutes: number) => spanOf(marketBars({ seed: 1, minutes, pumpAt: Math.floor(minutes * 0.7) }))
const bars = (minutes: number) => {
  const shown = span(minutes)
  const minute = unusualAt(shown, Math.floor(shown.bars.length * 0.7))
  const stock = stockOf({ provenance: { kind: 'simulated' } })
  return () => alertChart({ stock, span: shown, minute }, texts.ko.charts)
}
const centers = (points: number) => {
  const view = centersOf({ k: 4, points })
  return () => clusterChart(view, texts.ko.charts)
}
const alertOf96 = bars(BARS)

/** Milliseconds of each round: configuration and picture. */
const times = async (make: () => Chart, png: (chart: Chart) => unknown, rounds: number): Promise<number[]> => {
  const taken: number[] = []
  for (let round = -WARM_UP; round < rounds; round++) {
    const start = performance.now()
    await png(make())
    if (round >= 0) taken.push(performance.now() - start)
  }
  return taken
}

export const chartFigures = async (rounds = ROUNDS): Promise<Figure[]> => {
  const inProcess = createCanvasCharts()
  const server = await quickChartServer()
  const remote = createQuickChartCharts({ url: server.url, fallback: inProcess, log: createLog('silent') })
  try {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    const alerts = await times(
      alertOf96,
      async (chart) => {
        delay.enable()
        await inProcess.png(chart)
        delay.disable()
      },
      rounds,
    )
    const beside: Rival[] = [
      { name: 'Chart.js on the main thread, which it blocks', values: await times(alertOf96, draw, rounds) },
      {
        name: 'a QuickChart on loopback, the same renderer',
        values: await times(alertOf96, (chart) => remote.png(chart), rounds),
      },
      { name: 'matplotlib, candles and volume', values: await matplotlib(rounds) },
    ]
    const alert = { what: `chart of an alert, ${BARS} minutes at twice the size`, unit: 'ms', values: alerts }
    return [
      { ...alert, goal: { below: 65 }, beside },
      { ...alert, quantile: 0.95, goal: { below: 100 }, beside },
      {
        ...{ what: 'event loop blocked while charts are drawn, at most', unit: 'ms' },
        ...{ values: [delay.max / 1e6], goal: { below: 20 } },
      },
      { what: 'chart of a session, 390 minutes', unit: 'ms', values: await times(bars(390), inProcess.png, rounds) },
      {
        what: 'chart of clusters, 2,500 points',
        unit: 'ms',
        values: await times(centers(2_500), inProcess.png, rounds),
      },
    ]
  } finally {
    await server.close()
  }
}

const matplotlib = async (rounds: number): Promise<Rival['values']> => {
  const { width, height } = alertOf96()
  const rows = span(BARS).bars.map(({ open, high, low, close, volume }) => [open, high, low, close, volume])
  const pixels = [width, height].map((size) => String(size * PIXEL_RATIO))
  try {
    const { ms } = await python<{ ms: number[] }>('charts/candles.py', [
      String(rounds),
      ...pixels,
      JSON.stringify(rows),
    ])
    return ms
  } catch (error) {
    return { missing: reasonOf(error) }
  }
}

export const benchCharts = async (): Promise<void> => {
  const [rounds] = process.argv.slice(2).map(Number)
  printFigures(await chartFigures(rounds))
}

if (import.meta.main) await benchCharts()
