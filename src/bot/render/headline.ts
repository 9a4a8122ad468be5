import type { Why } from '../../model/detector/judgement.ts'
import type { Format } from '../locale/format.ts'

/** The move of a minute: `+5.1%` for the minute alone, `+6.3% (15분)` for the stretch that ends at it. */
export const moveText = (
  { movePercent, horizon }: Pick<Why, 'movePercent' | 'horizon'>,
  format: Pick<Format, 'percent' | 'minutes'>,
): string =>
  horizon === 1 ? format.percent(movePercent) : `${format.percent(movePercent)} (${format.minutes(horizon)})`
