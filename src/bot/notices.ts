import type { Client } from 'discord.js'
import type { Log } from '../log.ts'
import { MINUTE } from '../model/bar.ts'
import type { Notice, NoticeBoard, Read, Watching } from '../pipeline/read.ts'
import { loggable, type Outcome, outcomeOf } from './api-errors.ts'
import { endsWithin } from './ends-within.ts'
import { texts as tables } from './locale/index.ts'
import { postableChannel } from './postable-channel.ts'
import { noticeContent } from './render/notice.ts'
import { createWaits } from './waits.ts'

const UNKNOWN_WAIT = { first: 1_000, longest: 30_000 }
const FORBIDDEN_WAIT = { first: MINUTE, longest: 60 * MINUTE }
/** For about so long Discord remembers a nonce. */
const NONCE_MS = 2 * MINUTE
const STOP_WAIT_MS = 1_500
/** Messages looked through for a notice that may have arrived. */
const LOOKED_THROUGH = 50

export interface Notices {
  /** Posts what is owed. Never two at once: a second call joins the first. */
  pass(): Promise<void>
  /** Waits for the running pass, a while; what it leaves is posted after the next start. */
  close(): Promise<void>
}

interface Dependencies {
  readonly client: Client
  readonly board: NoticeBoard
  readonly read: Pick<Read, 'settings'>
  readonly watching: Pick<Watching, 'forgetChannel' | 'forgetGuild'>
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
}

/** Tells channels about their feed, each notice once. */
export const createNotices = ({ client, board, read, watching, log, now }: Dependencies): Notices => {
  const waits = createWaits(now)
  /** When a notice was first tried without learning what came of it. */
  const doubtful = new Map<string, number>()
  let closed = false
  let halted = false
  let running: Promise<void> | null = null

  const settle = async (notice: Notice): Promise<void> => {
    await board.settled(notice.id)
    doubtful.delete(notice.id)
  }

  const send = async (notice: Notice): Promise<void> => {
    const { locale } = await read.settings(notice.channelId, notice.guildId)
    const channel = await postableChannel(client, notice.channelId)
    const content = noticeContent(notice, tables[locale])
    const tried = doubtful.get(notice.id)
    if (tried !== undefined && now() - tried > NONCE_MS) {
      const { cache } = channel.messages
      const recent = await channel.messages.fetch({ limit: LOOKED_THROUGH, cache: false }).catch(() => cache)
      if (recent.some((message) => message.author.id === client.user?.id && message.content === content)) return
    }
    await channel.send({ content, nonce: notice.id, enforceNonce: true })
  }

  /** An unknown outcome is asked about once more at once: with its nonce a message cannot appear twice. */
  const attempt = async (notice: Notice): Promise<Outcome | 'done'> => {
    let outcome: Outcome = 'unknown'
    for (let tries = 0; tries < 2 && outcome === 'unknown' && !closed; tries++) {
      try {
        await send(notice)
        await settle(notice)
        return 'done'
      } catch (error) {
        outcome = outcomeOf(error)
        if (outcome === 'unknown' && !doubtful.has(notice.id)) doubtful.set(notice.id, now())
        const fields = { err: loggable(error), notice: notice.id, channel: notice.channelId, outcome }
        if (outcome === 'rejected' || outcome === 'unauthorised') log.error(fields, 'discord refused a notice')
        else log.warn(fields, 'notice not delivered')
      }
    }
    return outcome
  }

  /** Whether the channel's next notice may follow. */
  const deliver = async (notice: Notice): Promise<boolean> => {
    const { channelId, guildId } = notice
    const outcome = await attempt(notice)
    switch (outcome) {
      case 'done':
        waits.clear(channelId)
        return true
      case 'channel gone':
        await settle(notice)
        await watching.forgetChannel(channelId)
        return false
      case 'guild gone':
        await settle(notice)
        await watching.forgetGuild(guildId)
        return false
      case 'rejected':
      case 'message gone':
        await settle(notice)
        return true
      case 'unauthorised':
        halted = true
        return false
      case 'forbidden':
        waits.setback(channelId, FORBIDDEN_WAIT.first, FORBIDDEN_WAIT.longest)
        return false
      case 'unknown':
        waits.setback(channelId, UNKNOWN_WAIT.first, UNKNOWN_WAIT.longest)
        return false
    }
  }

  /** A silence that ended before anyone heard of it is no news, nor is its end. */
  const worthSaying = async (notices: readonly Notice[]): Promise<Notice[]> => {
    const worth: Notice[] = []
    for (const notice of notices) {
      const ends = notice.kind === 'back' || notice.kind === 'open'
      const at = ends ? worth.findLastIndex((before) => before.kind !== 'back' && isAboutTheSame(before, notice)) : -1
      const before = worth[at]
      if (before && !doubtful.has(before.id)) {
        worth.splice(at, 1)
        await settle(before)
        await settle(notice)
      } else worth.push(notice)
    }
    return worth
  }

  const onePass = async (): Promise<void> => {
    const channels = Map.groupBy(await board.owed(), (notice) => notice.channelId)
    const done = await Promise.allSettled(
      [...channels].map(async ([channelId, notices]) => {
        if (waits.waiting(channelId) || client.guilds.cache.get(notices[0]?.guildId ?? '')?.available === false) return
        for (const notice of await worthSaying(notices)) if (halted || closed || !client.isReady() || !(await deliver(notice))) return
      }),
    )
    const failed = done.find((channel) => channel.status === 'rejected')
    if (failed) throw failed.reason
  }

  return {
    pass() {
      if (halted || closed || !client.isReady()) return Promise.resolve()
      running ??= onePass().finally(() => {
        running = null
      })
      return running
    },
    async close() {
      closed = true
      await endsWithin(STOP_WAIT_MS, Promise.allSettled([running]))
    },
  }
}

const isAboutTheSame = (one: Notice, other: Notice): boolean =>
  one.stocks.some(({ listing: { symbol } }) => other.stocks.some(({ listing }) => listing.symbol === symbol))
