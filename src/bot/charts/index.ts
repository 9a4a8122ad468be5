import type { Log } from '../../log.ts'
import { createCanvasCharts } from './canvas.ts'
import type { Charts } from './charts.ts'
import { createQuickChartCharts } from './quickchart.ts'

/** Pictures are drawn in this process, or by a QuickChart service when there is an address of one. */
export const createCharts = ({
  quickChartUrl,
  log,
}: {
  quickChartUrl: string | null
  log: Pick<Log, 'warn' | 'info'>
}): Charts => {
  const inProcess = createCanvasCharts()
  return quickChartUrl === null ? inProcess : createQuickChartCharts({ url: quickChartUrl, fallback: inProcess, log })
}
