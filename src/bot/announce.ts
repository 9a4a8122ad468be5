import type { Client } from 'discord.js'
import type { Log } from '../log.ts'
import { MINUTE } from '../model/bar.ts'
import type { PostRecord } from '../pipeline/ports.ts'
import type { Read, Watching } from '../pipeline/read.ts'
import { loggable, type Outcome, outcomeOf } from './api-errors.ts'
import { listenForChannelNews } from './channel-news.ts'
import type { Charts } from './charts/port.ts'
import { endsWithin } from './ends-within.ts'
import { tellAdmins } from './guild-notice.ts'
import { texts as tables } from './locale/index.ts'
import { createPostMessage, type PostMessage } from './post-message.ts'
import { postableChannel } from './postable-channel.ts'
import { postingPermissions } from './posting-permissions.ts'
import { createWaits } from './waits.ts'

const AT_ONCE = 200
/** What one channel gets in one pass: Discord takes about five messages in five seconds, and a pass must not wait long for one channel. */
const PER_CHANNEL = 5
const DEFAULT_STALE_MINUTES = 10
const STOP_WAIT_MS = 1_500
/** A post that may have gone out is asked for again with its nonce while Discord still remembers it, however old its minute. */
const NONCE_MS = 2 * MINUTE
/** An edit that could not be made for this long (market time) is given up. */
const EDIT_MINUTES = 24 * 60
const COMPOSE_WAIT = { first: 5_000, longest: 10 * MINUTE }
const UNKNOWN_WAIT = { first: 1_000, longest: 30_000 }
const FORBIDDEN_WAIT = { first: MINUTE, longest: 60 * MINUTE }

/** The posts that are owed: what of the outbox the announcer calls. */
export interface Outbox {
  /** Oldest first: pending ones, and sent ones that show less than they should. */
  due(limit: number): Promise<PostRecord[]>
  ofEpisode(episodeId: string): Promise<PostRecord[]>
  sent(id: string, messageId: string, revision: number, sentAt: number): Promise<void>
  edited(id: string, revision: number): Promise<void>
  drop(id: string, reason: string): Promise<void>
}

export interface Announcer {
  /** Posts and edits what is due. Never two at once: a second call joins the first, which then looks again. */
  pass(): Promise<void>
  /** Stops listening and waits for the running pass, at most `waitMs`: what it leaves is posted after the next start, once. */
  close(waitMs?: number): Promise<void>
}

interface Dependencies {
  readonly client: Client
  readonly outbox: Outbox
  readonly read: Pick<Read, 'now' | 'alert' | 'settings'>
  readonly watching: Pick<Watching, 'saveSettings' | 'forgetChannel' | 'forgetGuild'>
  readonly charts: Charts
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
  readonly staleMinutes?: number
  /** How many times as fast as ours the market's clock runs. */
  readonly speed?: number
}

export const announce = (dependencies: Dependencies): Announcer => {
  const { client, outbox, read, watching, charts, log, now, staleMinutes = DEFAULT_STALE_MINUTES, speed = 1 } = dependencies
  const compose = createPostMessage({ read, charts, log })
  const waits = createWaits(now)
  /** When a post was first tried without learning what came of it. */
  const doubtful = new Map<string, number>()
  let halted = false
  let closed = false
  let running: Promise<void> | null = null
  let again = false

  /** Since the post's minute closed, by our clock. */
  const age = (post: PostRecord) => (read.now() - (post.openTime + MINUTE)) / speed

  const isStale = (post: PostRecord): boolean => {
    const tried = doubtful.get(post.id)
    if (tried !== undefined && now() - tried < NONCE_MS) return false
    return age(post) > staleMinutes * MINUTE
  }

  const drop = async (post: PostRecord, reason: string): Promise<void> => {
    doubtful.delete(post.id)
    await outbox.drop(post.id, reason)
    log.info({ post: post.id, channel: post.channelId, reason }, 'post dropped')
  }

  /** Whether the channel's next post may follow. */
  const deliver = async (post: PostRecord): Promise<boolean> => {
    const pending = isPending(post)
    if (pending && isStale(post)) {
      await drop(post, 'stale')
      return true
    }
    if (!pending && age(post) > EDIT_MINUTES * MINUTE) {
      await outbox.edited(post.id, post.wantedRevision)
      return true
    }
    const unavailable = client.guilds.cache.get(post.guildId)?.available === false
    if (unavailable || waits.waiting(post.channelId)) return false
    if (waits.waiting(post.id)) return true
    const episode = post.kind === 'rise' ? await outbox.ofEpisode(post.episodeId) : []
    const opening = episode
      .filter((other) => other.channelId === post.channelId && other.kind === 'alert' && other.openTime <= post.openTime)
      .sort((a, b) => a.sequence - b.sequence)
      .at(-1)
    if (pending && opening?.state === 'pending') return true // its turn comes after the alert's

    const message = await composed(post)
    if (message === 'failed') return true
    if (message === null) {
      await drop(post, 'gone')
      return true
    }
    const outcome = await attempt(post, message, opening?.messageId ?? null)
    if (outcome === 'done') {
      doubtful.delete(post.id)
      await settle(post)
      return true
    }
    return setback(post, outcome)
  }

  /** A post that cannot be put together waits by itself and holds up no other. */
  const composed = async (post: PostRecord): Promise<PostMessage | null | 'failed'> => {
    try {
      const message = await compose(post)
      waits.clear(post.id)
      return message
    } catch (error) {
      log.error({ err: loggable(error), post: post.id }, 'post could not be put together')
      waits.setback(post.id, COMPOSE_WAIT.first, COMPOSE_WAIT.longest)
      return 'failed'
    }
  }

  /** An unknown outcome is asked about once more at once: with its nonce a post cannot appear twice, and an edit changes nothing twice. */
  const attempt = async (post: PostRecord, message: PostMessage, replyTo: string | null): Promise<Outcome | 'done'> => {
    let outcome: Outcome = 'unknown'
    for (let tries = 0; tries < 2 && outcome === 'unknown' && !closed; tries++) {
      try {
        const channel = await postableChannel(client, post.channelId)
        if (post.messageId === null) {
          const sent = await channel.send({
            ...message,
            nonce: post.nonce,
            enforceNonce: true,
            ...(replyTo === null ? {} : { reply: { messageReference: replyTo, failIfNotExists: false } }),
          })
          await outbox.sent(post.id, sent.id, post.wantedRevision, now())
        } else {
          await channel.messages.edit(post.messageId, { ...message, files: [...message.files], attachments: [] })
          await outbox.edited(post.id, post.wantedRevision)
        }
        return 'done'
      } catch (error) {
        outcome = outcomeOf(error)
        if (outcome === 'unknown' && post.messageId === null && !doubtful.has(post.id)) doubtful.set(post.id, now())
        const fields = { err: loggable(error), post: post.id, channel: post.channelId, outcome }
        if (outcome === 'rejected' || outcome === 'unauthorised') log.error(fields, 'discord refused a post')
        else log.warn(fields, 'post not delivered')
      }
    }
    return outcome
  }

  const setback = async (post: PostRecord, outcome: Outcome): Promise<boolean> => {
    switch (outcome) {
      case 'channel gone':
        await drop(post, 'gone')
        await watching.forgetChannel(post.channelId)
        return true
      case 'guild gone':
        await drop(post, 'gone')
        await watching.forgetGuild(post.guildId)
        return true
      case 'message gone':
        await drop(post, 'deleted')
        return true
      case 'rejected':
        if (post.messageId === null) await drop(post, 'rejected')
        else await outbox.edited(post.id, post.wantedRevision)
        return true
      case 'unauthorised':
        halted = true
        log.error({}, 'discord refused the token: nothing is posted until the bot starts with a good DISCORD_TOKEN')
        return false
      case 'forbidden':
        waits.setback(post.channelId, FORBIDDEN_WAIT.first, FORBIDDEN_WAIT.longest)
        await pause(post)
        return false
      case 'unknown':
        waits.setback(post.channelId, UNKNOWN_WAIT.first, UNKNOWN_WAIT.longest)
        return false
    }
  }

  /** The channel's settings remember the pause, so admins hear of it once, restarts included. */
  const pause = async (post: PostRecord): Promise<void> => {
    const settings = await read.settings(post.channelId, post.guildId)
    if (settings.pausedReason !== null) return
    await watching.saveSettings({ ...settings, pausedReason: 'permission' })
    const needed = postingPermissions(client.channels.cache.get(post.channelId)?.isThread() ?? false)
    await tellAdmins(client, post.guildId, tables[settings.locale].pausedNotice(`<#${post.channelId}>`, needed), log)
  }

  const settle = async (post: PostRecord): Promise<void> => {
    waits.clear(post.channelId)
    const settings = await read.settings(post.channelId, post.guildId)
    if (settings.pausedReason !== null) await watching.saveSettings({ ...settings, pausedReason: null })
  }

  const onePass = async (): Promise<void> => {
    const due = await outbox.due(AT_ONCE)
    const newFirst = [...due.filter(isPending), ...due.filter((post) => !isPending(post))]
    const channels = await Promise.allSettled(
      [...Map.groupBy(newFirst, (post) => post.channelId).values()].map(async (posts) => {
        for (const post of posts.slice(0, PER_CHANNEL)) {
          if (halted || closed || !client.isReady()) return
          if (!(await deliver(post))) return
        }
      }),
    )
    const failed = channels.find((channel) => channel.status === 'rejected')
    if (failed) throw failed.reason
  }

  const passes = async (): Promise<void> => {
    do {
      again = false
      if (!halted && !closed && client.isReady()) await onePass()
    } while (again)
  }

  const stopListening = listenForChannelNews(client, {
    forgetChannel: (id) => watching.forgetChannel(id),
    forgetGuild: (id) => watching.forgetGuild(id),
    mayHaveChanged: (id) => waits.clear(id),
    failed: (error) => log.error({ err: loggable(error) }, 'a channel that is gone could not be forgotten'),
  })

  return {
    pass() {
      if (running !== null) {
        again = true
        return running
      }
      running = passes().finally(() => {
        running = null
      })
      return running
    },
    async close(waitMs = STOP_WAIT_MS) {
      closed = true
      stopListening()
      await endsWithin(waitMs, Promise.allSettled([running]))
    },
  }
}

const isPending = (post: PostRecord): boolean => post.messageId === null
