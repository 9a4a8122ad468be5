import type { Log } from '../../log.ts'
import { canvasCharts } from './canvas.ts'
import type { Charts } from './charts.ts'
import { quickChartCharts } from './quickchart.ts'

/** Pictures are drawn in this process, or by a QuickChart service when there is an address of one. */
export const createCharts = ({
  quickChartUrl,
  log,
}: {
  quickChartUrl: string | null
  log: Pick<Log, 'warn' | 'info'>
}): Charts => {
  const inProcess = canvasCharts()
  return quickChartUrl === null ? inProcess : quickChartCharts({ url: quickChartUrl, fallback: inProcess, log })
}
