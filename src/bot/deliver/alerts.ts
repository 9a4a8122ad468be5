import type { Log } from '../../log.ts'
import { ageOf, isStale } from '../../model/detector/age.ts'
import { MINUTE } from '../../model/time/bar.ts'
import type { PostRecord, Shards } from '../../pipeline/store/records.ts'
import type { Read } from '../../pipeline/views/views.ts'
import type { Charts } from '../charts/charts.ts'
import { texts as tables } from '../locale/index.ts'
import { alertMessage } from '../messages/embed-with-chart.ts'
import { withPicture } from '../messages/picture.ts'
import type { Mail, Message } from './delivery.ts'

/**
 * Most posts that one channel gets in one pass: Discord takes about five messages in five seconds, and a pass must not
 * wait long for one channel.
 */
const PER_CHANNEL = 5
/**
 * A post that may have gone out is tried again with its nonce while Discord still remembers the nonce, however old its
 * minute is.
 */
const NONCE_MS = 2 * MINUTE
/** An edit is given up this long after its minute (market time). */
const EDIT_MINUTES = 24 * 60

/** The part of the store's outbox that this mail uses. */
export interface Outbox {
  due(perChannel: number, shards?: Shards): Promise<PostRecord[]>
  ofEpisode(episodeId: string): Promise<PostRecord[]>
  sent(id: string, messageId: string, revision: number, sentAt: number): Promise<void>
  edited(id: string, revision: number): Promise<void>
  drop(id: string, reason: string): Promise<void>
}

interface Dependencies {
  readonly outbox: Outbox
  readonly read: Pick<Read, 'now' | 'alert' | 'settings'>
  readonly charts: Charts
  /** The shards whose guilds' posts are owed here; all if absent. */
  readonly shards?: Shards
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
  /** The market's clock runs this many times as fast as ours. */
  readonly speed?: number
}

/**
 * The alerts and rises of the outbox. A new one is posted while its minute is fresh, and edited while its episode goes
 * on.
 */
export const createAlertMail = (dependencies: Dependencies): Mail<PostRecord> => {
  const { outbox, read, charts, shards, log, now, speed = 1 } = dependencies

  /** A post that may have reached Discord is never too late while its nonce keeps it from being posted twice. */
  const isTooLate = (post: PostRecord, triedAt: number | null): boolean =>
    isStale(ageOf(post.openTime, read.now(), speed)) && !(triedAt !== null && now() - triedAt < NONCE_MS)

  const drop = async (post: PostRecord, reason: string): Promise<null> => {
    await outbox.drop(post.id, reason)
    log.info({ post: post.id, channel: post.channelId, reason }, 'post dropped')
    return null
  }

  /** The alert that a rise replies to: the last one before it in the same episode and channel. */
  const alertBefore = async (post: PostRecord): Promise<PostRecord | undefined> => {
    const alerts = (await outbox.ofEpisode(post.episodeId)).filter(
      (other) => other.channelId === post.channelId && other.kind === 'alert' && other.openTime <= post.openTime,
    )
    return alerts.sort((a, b) => a.sequence - b.sequence).at(-1)
  }

  return {
    kind: 'alert',
    owed: () => outbox.due(PER_CHANNEL, shards),
    async compose(post, triedAt): Promise<Message | null> {
      const pending = post.messageId === null
      if (pending && isTooLate(post, triedAt)) return drop(post, 'stale')
      if (!pending && ageOf(post.openTime, read.now(), speed) > EDIT_MINUTES * MINUTE) {
        await outbox.edited(post.id, post.wantedRevision)
        return null
      }
      const answered = post.kind === 'rise' ? await alertBefore(post) : undefined
      if (pending && answered?.state === 'pending') return null // it is posted after its alert
      const view = await read.alert(post)
      if (view === null) return drop(post, 'gone')
      const { locale } = await read.settings(post.channelId, post.guildId)
      const { content, embed, chart } = alertMessage(view, post.kind, tables[locale])
      return {
        content,
        ...(await withPicture(embed, chart, 'alert.png', { charts, log })),
        replyTo: answered?.messageId ?? null,
      }
    },
    delivered: (post, messageId) =>
      post.messageId === null
        ? outbox.sent(post.id, messageId, post.wantedRevision, now())
        : outbox.edited(post.id, post.wantedRevision),
    dropped: (post, reason) =>
      post.messageId !== null && reason === 'rejected'
        ? outbox.edited(post.id, post.wantedRevision)
        : outbox.drop(post.id, reason),
  }
}
