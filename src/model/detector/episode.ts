import { MINUTE } from '../time/bar.ts'
import type { Session } from '../time/session.ts'

/** Signals closer than this on one symbol are one event. */
export const EPISODE_GAP = 10 * MINUTE

/** Neighbouring signals of one symbol. Times are starts of minutes. */
export interface Episode {
  readonly start: number
  readonly last: number
  /** The most severe minute so far. */
  readonly peak: number
  readonly peakScore: number
  readonly signals: number
}

/**
 * The episode with one more signal; a new one if none is open or its last signal is more than ten minutes back. Signals
 * come in time order.
 */
export const extendEpisode = (
  open: Episode | null,
  signal: { readonly openTime: number; readonly score: number },
): Episode => {
  const { openTime, score } = signal
  if (open === null || openTime - open.last > EPISODE_GAP)
    return { start: openTime, last: openTime, peak: openTime, peakScore: score, signals: 1 }
  const rises = score > open.peakScore
  return {
    start: open.start,
    last: openTime,
    peak: rises ? openTime : open.peak,
    peakScore: rises ? score : open.peakScore,
    signals: open.signals + 1,
  }
}

/** The end of the episode: ten minutes without a signal have closed, or its session has ended. */
export const calmAt = (episode: Pick<Episode, 'last'>, session: Session): number =>
  Math.min(episode.last + MINUTE + EPISODE_GAP, Math.max(session.close, episode.last + MINUTE))

/** True if a later minute of an episode is twice as far out as the one last posted; scores are logarithms. */
export const clearlyRises = (postedScore: number, score: number): boolean => score - postedScore >= Math.LN2
