import type { Why } from '../../model/detector/judgement.ts'
import type { Format } from '../locale/format.ts'

/** The told minute's own move: `+5.1%`, or `+6.3% (15분)` over the stretch that makes it odd. */
export const moveText = (
  { movePercent, horizon }: Pick<Why, 'movePercent' | 'horizon'>,
  format: Pick<Format, 'percent' | 'minutes'>,
): string =>
  horizon === 1 ? format.percent(movePercent) : `${format.percent(movePercent)} (${format.minutes(horizon)})`
