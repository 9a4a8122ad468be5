import type { APIEmbed, AttachmentPayload } from 'discord.js'
import type { Log } from '../log.ts'
import type { PostRecord } from '../pipeline/ports.ts'
import type { Read } from '../pipeline/read.ts'
import type { Charts } from './charts/port.ts'
import { drawnAlert } from './drawn.ts'
import { texts as tables } from './locale/index.ts'
import { withPicture } from './picture.ts'

/** A post in the words of its channel, as it stands now. */
export interface PostMessage {
  readonly content: string
  readonly embeds: APIEmbed[]
  readonly files: AttachmentPayload[]
}

interface Dependencies {
  readonly read: Pick<Read, 'alert' | 'settings'>
  readonly charts: Charts
  readonly log: Log
}

/** Puts a post together from what is kept; null when what it is about is gone. */
export const createPostMessage =
  ({ read, charts, log }: Dependencies) =>
  async (post: PostRecord): Promise<PostMessage | null> => {
    const view = await read.alert(post)
    if (view === null) return null
    const { locale } = await read.settings(post.channelId, post.guildId)
    const texts = tables[locale]
    const { content, embed, chart } = drawnAlert(view, post.kind, texts)
    return { content, ...(await withPicture(embed, chart, 'alert.png', { charts, log })) }
  }
