import type { Interval } from '../../model/time/interval.ts'

/** What the feed watch asks of a series, whatever its minutes hold. Times are starts of minutes that had a trade. */
export interface FeedMinutes {
  /** End of the minutes that the source has answered for; null while the symbol's history is being fetched. */
  answeredUntil(symbol: string): Promise<number | null>
  /** The newest, oldest first. */
  newest(symbol: string, count: number): Promise<number[]>
  /** Asks the source itself whether there was a trade. @throws what the source throws */
  traded(symbol: string, interval: Interval, signal: AbortSignal): Promise<boolean>
}
