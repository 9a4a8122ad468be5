import { MINUTE } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { VolatilityInterruption } from '../store/records.ts'

/** An interruption lasts 2:00 to 2:30; one without a received release counts as over after this time. */
export const LONGEST_INTERRUPTION = 3 * MINUTE

/** True if the interruption stopped trading at some time in the interval. */
export const touches = ({ triggeredAt, releasedAt }: VolatilityInterruption, { from, to }: Interval): boolean =>
  triggeredAt < to && (releasedAt ?? triggeredAt + LONGEST_INTERRUPTION) > from

/** True if the interruption goes on, as far as is known. */
export const isOngoing = ({ triggeredAt, releasedAt }: VolatilityInterruption, now: number): boolean =>
  releasedAt === null && now < triggeredAt + LONGEST_INTERRUPTION
