import { createHash } from 'node:crypto'
import { MINUTE } from '../model/bar.ts'
import { clearlyRises, EPISODE_GAP } from '../model/episode.ts'
import type { EpisodeRecord, PostRecord, WatchRecord } from './ports.ts'

/**
 * A minute that is judged longer than this after it closed is marked late. Ordinary slowness stays below: a stock a second takes 98 stocks under two
 * minutes, and a collector on the old interface, with one in 3.6 s, fifty of them three.
 */
const LATE_AFTER = 3 * MINUTE
/** One that closed longer ago than this goes to history without a ping. */
const STALE_AFTER = 10 * MINUTE

/** How long ago a minute closed, in ms of our clock: a market that runs faster is behind by as much less. */
export const ageOf = (openTime: number, marketNow: number, speed = 1): number => (marketNow - (openTime + MINUTE)) / speed

export const isLate = (ageMs: number): boolean => ageMs > LATE_AFTER

/** One channel that follows the symbol, with the score a minute must reach there. */
export interface Listener {
  readonly watch: Pick<WatchRecord, 'guildId' | 'channelId' | 'since'>
  readonly boundary: number
}

interface Finding {
  readonly openTime: number
  readonly score: number
  /** When it was judged. */
  readonly ageMs: number
}

/** The post that one finding of an episode is worth in one channel, or null. `posts`: those of this episode, of all channels, in any order. */
export const decide = (
  finding: Finding,
  episode: Pick<EpisodeRecord, 'id'>,
  listener: Listener,
  posts: readonly (Pick<PostRecord, 'channelId' | 'kind' | 'state'> & { readonly score: number })[],
  createdAt: number,
): PostRecord | null => {
  const { watch, boundary } = listener
  if (finding.ageMs > STALE_AFTER || finding.openTime < watch.since) return null
  const own = posts.filter((post) => post.channelId === watch.channelId)
  const kind = own.length === 0 ? 'alert' : 'rise'
  const dropped = own.some((post) => post.kind === 'alert' && post.state === 'dropped')
  const spokenScore = Math.max(...own.map((post) => post.score))
  const worthIt = kind === 'alert' ? finding.score >= boundary : !dropped && clearlyRises(spokenScore, finding.score)
  return worthIt ? newPost(episode.id, watch, kind, own.filter((post) => post.kind === kind).length, finding.openTime, createdAt) : null
}

/** Kept when an episode ends without a ping in a channel, so that `/history` can say why. */
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

/** 24 characters; the same for the same post for ever, so a repeated request posts once. */
export const postNonce = (episodeId: string, channelId: string, kind: string, sequence: number): string =>
  createHash('sha256').update(`${episodeId}|${channelId}|${kind}|${sequence}`).digest('base64url').slice(0, 24)

export const episodeId = (venue: string, symbol: string, start: number): string => `${venue}:${symbol}:${start}`

/** Whether an open episode can still take a signal of this minute, which may have been judged late. */
export const continues = ({ start, last, endedAt }: Pick<EpisodeRecord, 'start' | 'last' | 'endedAt'>, openTime: number): boolean =>
  endedAt === null && openTime - last <= EPISODE_GAP && start - openTime <= EPISODE_GAP
