import type { PostRecord } from '../store/records.ts'

/**
 * The post that stands for an episode in one channel's history: one that was not dropped before a dropped one, then the
 * one about the earliest minute. An alert and its rises may all be posts of the episode.
 */
export const channelPost = (posts: readonly PostRecord[], channelId: string): PostRecord | undefined =>
  posts
    .filter((post) => post.channelId === channelId)
    .sort((a, b) => Number(a.state === 'dropped') - Number(b.state === 'dropped') || a.openTime - b.openTime)[0]
