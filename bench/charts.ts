/**
 * Milliseconds and bytes per chart, drawn in process and by a QuickChart on loopback, and memory after many.
 * Run: `node bench/charts.ts [rounds]`.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { alertChart } from '../src/bot/charts/alert-chart.ts'
import { createCanvasCharts } from '../src/bot/charts/canvas.ts'
import type { Chart, Charts } from '../src/bot/charts/charts.ts'
import { clusterChart } from '../src/bot/charts/cluster-chart.ts'
import { createQuickChartCharts } from '../src/bot/charts/quickchart.ts'
import { texts } from '../src/bot/locale/index.ts'
import { createLog } from '../src/log.ts'
import { centersOf } from '../tests/bot/charts/centers.ts'
import { quickChartServer } from '../tests/bot/charts/quickchart-server.ts'
import { marketBars, spanOf, stockOf, unusualAt } from '../tests/support/bars.ts'

const rounds = Number(process.argv[2] ?? 30)
const WARM_UP = 3
const MEMORY_ROUNDS = 300

const bars = (minutes: number) => {
  const span = spanOf(marketBars({ seed: 1, minutes, pumpAt: Math.floor(minutes * 0.7) }))
  const minute = unusualAt(span, Math.floor(span.bars.length * 0.7))
  return () => alertChart({ stock: stockOf({ provenance: { kind: 'simulated' } }), span, minute }, texts.ko.charts)
}
const centers = (points: number) => {
  const view = centersOf({ k: 4, points })
  return () => clusterChart(view, texts.ko.charts)
}
const charts: Record<string, () => Chart> = {
  'alert, 96 minutes': bars(96),
  'session, 390 minutes': bars(390),
  'clusters, 500 points': centers(500),
  'clusters, 2,500 points': centers(2_500),
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const megabytes = () => Math.round(process.memoryUsage().rss / 1e6)

const measure = async (make: () => Chart, renderer: Charts) => {
  const [built, drawn]: [number[], number[]] = [[], []]
  let bytes = 0
  for (let round = -WARM_UP; round < rounds; round++) {
    const start = performance.now()
    const chart = make()
    const between = performance.now()
    bytes = (await renderer.png(chart)).length
    if (round < 0) continue
    built.push(between - start)
    drawn.push(performance.now() - between)
  }
  return { built: median(built), drawn: median(drawn), bytes }
}

const server = await quickChartServer()
const inProcess = createCanvasCharts()
const remote = createQuickChartCharts({ url: server.url, fallback: inProcess, log: createLog('warn') })

const first = performance.now()
await inProcess.png(charts['alert, 96 minutes']!())
console.log(`first picture: ${Math.round(performance.now() - first)} ms`)

const rows: Record<string, object> = {}
for (const [name, make] of Object.entries(charts)) {
  const here = await measure(make, inProcess)
  const there = await measure(make, remote)
  rows[name] = {
    'configuration ms': here.built.toFixed(1),
    'in process ms': here.drawn.toFixed(1),
    'QuickChart on loopback ms': there.drawn.toFixed(1),
    'PNG kB': Math.round(here.bytes / 1000),
    'request kB': Math.round(JSON.stringify(make().config).length / 1000),
  }
}
console.table(rows)
await server.close()

const delay = monitorEventLoopDelay({ resolution: 1 })
const before = megabytes()
let most = before
delay.enable()
for (let round = 0; round < MEMORY_ROUNDS; round++) {
  await inProcess.png(Object.values(charts)[round % 4]!())
  most = Math.max(most, megabytes())
}
delay.disable()
console.log(`${MEMORY_ROUNDS} more pictures: RSS ${before} → ${megabytes()} MB, at most ${most} MB`)
console.log(
  `event loop held up meanwhile: p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, at most ${(delay.max / 1e6).toFixed(1)} ms`,
)
