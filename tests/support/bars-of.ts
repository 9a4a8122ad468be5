import type { App } from '../../src/app.ts'
import type { BarSource } from '../../src/pipeline/sources/source.ts'

/** The running bot's source of bars. */
export const barsOf = ({ source }: App): BarSource => {
  if (source.kind === 'bars') return source
  throw new Error(`${source.series} has no bars`)
}
