import type { Client } from 'discord.js'
import type { Notice, NoticeBoard, Read } from '../../pipeline/views/views.ts'
import { postableChannel } from '../discord/postable-channel.ts'
import { texts as tables } from '../locale/index.ts'
import { noticeContent } from '../render/notice.ts'
import type { Mail, Owed } from './delivery.ts'

interface OwedNotice extends Owed {
  readonly notice: Notice
}

interface Dependencies {
  readonly board: NoticeBoard
  readonly read: Pick<Read, 'settings'>
  /** False for a guild that another process posts to. Its notices are left for that process. */
  isOwn(guildId: string): boolean
  /**
   * Looks for a recent message with this content in the channel. Asked if a message's fate is unknown for longer than
   * Discord remembers its nonce.
   */
  wasPosted(channelId: string, content: string): Promise<boolean>
  /** Our clock, epoch ms. */
  readonly now: () => number
}

/** Discord remembers a nonce for about this long. */
const NONCE_MS = 2 * 60_000

/** The notices about the channels' feeds, each posted once. */
export const createNoticeMail = ({ board, read, isOwn, wasPosted, now }: Dependencies): Mail<OwedNotice> => {
  /** Ids of the notices that may have gone out. They count as posted. */
  const tried = new Set<string>()

  /** Leaves out a silence that ended before its notice was posted, and the notice of its end. */
  const worthSaying = async (notices: readonly Notice[]): Promise<Notice[]> => {
    const worth: Notice[] = []
    for (const notice of notices) {
      const ends = notice.kind === 'back' || notice.kind === 'open'
      const at = ends ? worth.findLastIndex((before) => before.kind !== 'back' && isAboutTheSame(before, notice)) : -1
      const before = worth[at]
      if (before && !tried.has(before.id)) {
        worth.splice(at, 1)
        await board.finished(before.id)
        await board.finished(notice.id)
      } else worth.push(notice)
    }
    return worth
  }

  const finished = async ({ id }: OwedNotice): Promise<void> => {
    await board.finished(id)
    tried.delete(id)
  }

  return {
    kind: 'notice',
    async owed() {
      const own = (await board.owed()).filter(({ guildId }) => isOwn(guildId))
      const channels = Map.groupBy(own, ({ channelId }) => channelId)
      const worth = await Promise.all([...channels.values()].map(worthSaying))
      return worth.flat().map((notice) => ({
        id: notice.id,
        nonce: notice.id,
        channelId: notice.channelId,
        guildId: notice.guildId,
        messageId: null,
        notice,
      }))
    },
    async compose(item, triedAt) {
      const { channelId, guildId, notice } = item
      const { locale } = await read.settings(channelId, guildId)
      const content = noticeContent(notice, tables[locale])
      if (triedAt !== null && now() - triedAt > NONCE_MS && (await wasPosted(channelId, content))) {
        await finished(item)
        return null
      }
      tried.add(notice.id)
      return { content }
    },
    delivered: (item) => finished(item),
    dropped: (item) => finished(item),
  }
}

/** Number of the newest messages in which a message that may have arrived is searched. */
const LOOKED_THROUGH = 50

/**
 * Searches the newest messages of a channel for one of ours. If the bot may not read them, searches the cached ones.
 */
export const wasPostedIn =
  (client: Client) =>
  async (channelId: string, content: string): Promise<boolean> => {
    const { messages } = await postableChannel(client, channelId)
    const recent = await messages.fetch({ limit: LOOKED_THROUGH, cache: false }).catch(() => messages.cache)
    return recent.some((message) => message.author.id === client.user?.id && message.content === content)
  }

const isAboutTheSame = (one: Notice, other: Notice): boolean =>
  one.stocks.some(({ listing: { symbol } }) => other.stocks.some(({ listing }) => listing.symbol === symbol))
