import { createHash } from 'node:crypto'
import { isStale } from '../../model/detector/age.ts'
import { clearlyRises, EPISODE_GAP } from '../../model/detector/episode.ts'
import { MINUTE } from '../../model/time/bar.ts'
import type { EpisodeRecord, PostRecord, WatchRecord } from '../store/records.ts'

/** One channel that follows the symbol, with the score a minute must reach there. */
export interface Listener {
  readonly watch: Pick<WatchRecord, 'guildId' | 'channelId' | 'since'>
  readonly boundary: number
}

/** A signal of an episode. */
export interface ScoredMinute {
  readonly openTime: number
  readonly score: number
  /** Minutes of the stretch that makes it odd; 1 is the minute alone. */
  readonly horizon: number
}

interface AgedMinute extends ScoredMinute {
  /** Age of the minute when it was judged, ms of our clock. */
  readonly ageMs: number
}

/** A post about an episode that a channel has or is owed. */
export interface PostedMinute extends ScoredMinute {
  readonly channelId: string
  readonly kind: PostRecord['kind']
  readonly state: PostRecord['state']
}

/**
 * The post that one finding of an episode is worth in one channel, or null. A minute that reaches the channel's
 * boundary more than ten minutes after the last one that did is another alert, whatever lies between them; so is a
 * sudden minute in the middle of a slow move. Within the ten minutes, a minute that is clearly further out by itself is
 * a rise.
 *
 * @param minutes - the episode's signals, in any order
 * @param posted - its posts in all channels, in any order
 */
export const decide = (
  finding: AgedMinute,
  episode: Pick<EpisodeRecord, 'id'>,
  listener: Listener,
  minutes: readonly ScoredMinute[],
  posted: readonly PostedMinute[],
  createdAt: number,
): PostRecord | null => {
  const { watch, boundary } = listener
  const { openTime, score } = finding
  if (isStale(finding.ageMs) || openTime < watch.since) return null
  const own = posted.filter((post) => post.channelId === watch.channelId).toSorted((a, b) => a.openTime - b.openTime)
  if (own.some((post) => post.openTime === openTime)) return null
  const owe = (kind: PostRecord['kind']) =>
    newPost(episode.id, watch, kind, own.filter((post) => post.kind === kind).length, openTime, createdAt)
  // The boundary rises with each alert of the day: a minute that reached an earlier boundary still belongs to that
  // alert.
  const reached = Math.min(boundary, ...own.map((post) => post.score))
  const near = minutes.some(
    (minute) =>
      minute.score >= reached &&
      minute.openTime !== openTime &&
      Math.abs(openTime - minute.openTime) <= EPISODE_GAP &&
      (finding.horizon > 1 || minute.horizon === 1),
  )
  if (score >= boundary && (own.length === 0 || !near)) return owe('alert')
  const last = own.at(-1)
  const alert = own.filter((post) => post.kind === 'alert').at(-1)
  // Past the hard limit of the day nothing more is posted.
  if (!last || alert?.state === 'dropped' || boundary === Number.POSITIVE_INFINITY) return null
  // A stretch that contains the posted minute adds nothing by itself.
  const byItself = openTime - (finding.horizon - 1) * MINUTE > last.openTime
  return byItself && clearlyRises(Math.max(...own.map((post) => post.score)), score) ? owe('rise') : null
}

/** Record of an episode that ended without a ping in a channel, so that `/history` can say why. */
export const budgetDrop = (episode: EpisodeRecord, watch: Listener['watch'], createdAt: number): PostRecord => ({
  ...newPost(episode.id, watch, 'alert', 0, episode.peak, createdAt),
  state: 'dropped',
  reason: 'budget',
})

const newPost = (
  episodeId: string,
  { guildId, channelId }: Listener['watch'],
  kind: PostRecord['kind'],
  sequence: number,
  openTime: number,
  createdAt: number,
): PostRecord => {
  const nonce = postNonce(episodeId, channelId, kind, sequence)
  return {
    id: nonce,
    episodeId,
    channelId,
    guildId,
    kind,
    sequence,
    state: 'pending',
    reason: null,
    messageId: null,
    nonce,
    openTime,
    wantedRevision: 1,
    shownRevision: 0,
    createdAt,
    sentAt: null,
  }
}

/** 24 characters, always the same for the same post, so that Discord posts a repeated request once. */
export const postNonce = (episodeId: string, channelId: string, kind: string, sequence: number): string =>
  createHash('sha256').update(`${episodeId}|${channelId}|${kind}|${sequence}`).digest('base64url').slice(0, 24)

export const episodeId = (series: string, symbol: string, start: number): string => `${series}:${symbol}:${start}`

/** True if an open episode can still take a signal of this minute, which may have been judged late. */
export const continues = (
  { start, last, endedAt }: Pick<EpisodeRecord, 'start' | 'last' | 'endedAt'>,
  openTime: number,
): boolean => endedAt === null && openTime - last <= EPISODE_GAP && start - openTime <= EPISODE_GAP
