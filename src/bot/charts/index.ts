import type { Log } from '../../log.ts'
import { createCanvasCharts } from './canvas.ts'
import type { Charts } from './charts.ts'
import { createQuickChartCharts } from './quickchart.ts'
import { createSharedCharts } from './shared.ts'

/** Draws pictures by a QuickChart service if its address is given, else in this process. */
export const createCharts = ({
  quickChartUrl,
  log,
}: {
  quickChartUrl: string | null
  log: Pick<Log, 'warn' | 'info'>
}): Charts => {
  const inProcess = createCanvasCharts()
  if (quickChartUrl === null) return createSharedCharts(inProcess)
  return createSharedCharts(createQuickChartCharts({ url: quickChartUrl, fallback: inProcess, log }))
}
