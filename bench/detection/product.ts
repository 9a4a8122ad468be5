import { createBacktest } from '../../src/model/detector/backtest.ts'
import type { Scorer } from './data.ts'
import type { ReplaySettings } from './replay.ts'

/**
 * The product's score of each minute, or 1 in an abnormal cluster and 0 elsewhere. Labels mark rises only, so falls
 * have no score: a real fall is no false alarm.
 */
export const risesOf =
  (settings: ReplaySettings, membership = false): Scorer =>
  ({ bars }) => {
    const backtest = createBacktest({ ...settings, rule: { kind: 'membership' } })
    return Float64Array.from(bars, (bar) => {
      const replayed = backtest.push(bar)
      if (replayed.kind !== 'judged' || replayed.judged.why.direction === 'down') return Number.NaN
      return membership ? Number(replayed.signal) : replayed.judged.score
    })
  }
