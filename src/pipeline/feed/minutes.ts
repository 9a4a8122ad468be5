import type { Interval } from '../../model/time/interval.ts'

/** The feed watch's view of a series, of bars or changes. Times are starts of minutes with a trade. */
export interface FeedMinutes {
  /** End of the minutes that the source has answered for; null while the symbol's history is being fetched. */
  answeredUntil(symbol: string): Promise<number | null>
  /** The newest minutes, oldest first. */
  newest(symbol: string, count: number): Promise<number[]>
  /** Asks the source itself if there was a trade. @throws the source's errors */
  traded(symbol: string, interval: Interval, signal: AbortSignal): Promise<boolean>
}
