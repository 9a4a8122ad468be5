import type { Why } from '../../model/judgement.ts'
import type { Format } from '../locale/format.ts'

type Headline = Pick<Why, 'movePercent' | 'stretch' | 'direction'>

/** The move that tells the story: the minute's own, or, where the price came further over the minutes before, that one. */
export const headlineMove = (why: Headline): { percent: number; minutes: number; direction: Why['direction'] } =>
  why.stretch && Math.abs(why.stretch.movePercent) > Math.abs(why.movePercent)
    ? { percent: why.stretch.movePercent, minutes: why.stretch.minutes, direction: why.stretch.movePercent < 0 ? 'down' : 'up' }
    : { percent: why.movePercent, minutes: 1, direction: why.direction }

/** `+5.1%`, or over several minutes `+6.3% (6분)`. */
export const moveText = (why: Headline, format: Pick<Format, 'percent' | 'minutes'>): string => {
  const { percent, minutes } = headlineMove(why)
  return minutes === 1 ? format.percent(percent) : `${format.percent(percent)} (${format.minutes(minutes)})`
}
