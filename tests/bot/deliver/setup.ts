import { createChannelKeeper } from '../../../src/bot/deliver/channels.ts'
import { createDelivery, type Mail, type Owed } from '../../../src/bot/deliver/delivery.ts'
import type { Discord } from '../../../src/bot/discord/client.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import type { ChannelSettings, DetectStep, PostRecord } from '../../../src/pipeline/store/records.ts'
import type { Read } from '../../../src/pipeline/views/views.ts'
import { readStub, settingsOf, silent, watchingStub } from '../stubs.ts'
import { episode, post } from '../views.ts'

/** The outbox of a store in memory, with calls that make posts due in it. */
export const openOutbox = async () => {
  const store = await openStore('sqlite::memory:', { log: silent })
  const episodeOf = new Map<string, string>()
  let judgedUntil = 0
  const commit = (step: Pick<DetectStep, 'episodes' | 'posts' | 'touched'>) =>
    store.signals.commit({
      series: episode.series,
      symbol: episode.symbol,
      judgedUntil: ++judgedUntil,
      signals: [],
      ...step,
    })
  return {
    outbox: store.outbox,
    owe: async (...parts: Partial<PostRecord>[]) => {
      const posts = parts.map((part) => ({ ...post, ...part }))
      for (const { id, episodeId } of posts) episodeOf.set(id, episodeId)
      const ids = [...new Set(posts.map(({ episodeId }) => episodeId))]
      await commit({ episodes: ids.map((id) => ({ ...episode, id })), posts, touched: [] })
    },
    /** Makes the posts of an episode due for an edit, as a later signal of it does. */
    grow: async (id = episode.id) => {
      const stored = await store.signals.episode(id)
      if (!stored) throw new Error(`no episode ${id}`)
      await commit({ episodes: [{ ...stored, signals: stored.signals + 1 }], posts: [], touched: [id] })
    },
    post: async (id: string): Promise<PostRecord> => {
      const posts = await store.outbox.ofEpisode(episodeOf.get(id) ?? '')
      const stored = posts.find((one) => one.id === id)
      if (!stored) throw new Error(`no post ${id}`)
      return stored
    },
    close: () => store.close(),
  }
}

interface Options<Item extends Owed> {
  readonly discord: Discord
  mailOf(read: Read): Mail<Item>
  /** Answers of the read side that differ from the fixed ones. */
  readonly answers?: Partial<Read>
  /** Our clock. */
  readonly now: () => number
  readonly passMs?: number
}

/** A delivery of one mail. Settings of channels stay as they are saved. */
export const startDelivery = <Item extends Owed>({
  discord,
  mailOf,
  answers = {},
  now,
  passMs = 60_000,
}: Options<Item>) => {
  const { client, tokenWorks } = discord
  const settings = new Map<string, ChannelSettings>()
  const watching = watchingStub({ saveSettings: async (one) => void settings.set(one.channelId, one) })
  const read = readStub({
    settings: async (channelId, guildId) => settings.get(channelId) ?? settingsOf(channelId, guildId),
    ...answers,
  })
  const delivery = createDelivery({
    client,
    mails: [mailOf(read)],
    channels: createChannelKeeper({ client, read, watching, log: silent }),
    tokenWorks,
    log: silent,
    now,
    passMs,
  })
  return { delivery, watching, settings }
}
