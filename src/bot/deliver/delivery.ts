import type { APIEmbed, AttachmentPayload, Client } from 'discord.js'
import { endsWithin } from '../../async/time-limits.ts'
import type { Log } from '../../log.ts'
import { MINUTE } from '../../model/time/bar.ts'
import { loggable, type Outcome, outcomeOf } from '../discord/api-errors.ts'
import { listenForChannelNews } from '../discord/channel-news.ts'
import { postableChannel } from '../discord/postable-channel.ts'
import { isOwnGuild } from '../discord/shards.ts'
import { createWaits } from './waits.ts'

/** A pass waits at most this long for its channels. A slower channel goes on beside the next pass. */
const PASS_MS = 800
const STOP_WAIT_MS = 1_500
const COMPOSE_WAIT = { first: 5_000, longest: 10 * MINUTE }
const UNKNOWN_WAIT = { first: 1_000, longest: 30_000 }
const FORBIDDEN_WAIT = { first: MINUTE, longest: 60 * MINUTE }

/** A message to post in a channel, or to edit there. */
export interface Owed {
  readonly id: string
  /** At most 25 characters, always the same for the same message, so that Discord posts it once. */
  readonly nonce: string
  readonly channelId: string
  readonly guildId: string
  /** Null until the message has been posted. From then on it is edited. */
  readonly messageId: string | null
}

export interface Message {
  readonly content: string
  readonly embeds?: APIEmbed[]
  readonly files?: AttachmentPayload[]
  /** Id of the message that this one replies to. */
  readonly replyTo?: string | null
}

/** The reason for which a message will never be posted, or never be edited again. */
export type DropReason = 'gone' | 'deleted' | 'rejected'

/** One kind of messages: decides which are owed, composes them and stores the outcomes. */
export interface Mail<Item extends Owed> {
  /** The name of the kind in the log: `alert`, `notice`. */
  readonly kind: string
  /**
   * The messages that are due, in the order in which each channel is to get them. Those for guilds of shards that other
   * clients run stay as they are.
   */
  owed(): Promise<readonly Item[]>
  /**
   * Composes the message in its present state. Null if it must not be sent now or ever; the mail itself stores the
   * latter.
   *
   * @param triedAt - time of the first try whose outcome is unknown (our clock), or null
   */
  compose(item: Item, triedAt: number | null): Promise<Message | null>
  delivered(item: Item, messageId: string): Promise<void>
  dropped(item: Item, reason: DropReason): Promise<void>
}

/** Calls that report the state of channels to the one who stores what they follow. */
export interface Channels {
  forgetChannel(channelId: string): Promise<void>
  forgetGuild(guildId: string): Promise<void>
  /** The bot may not post in the channel. Called at every refusal. */
  paused(channelId: string, guildId: string): Promise<void>
  /** A message has reached the channel. */
  resumed(channelId: string, guildId: string): Promise<void>
  /** A reply was posted without its reference, because the bot may not read the channel's history. */
  lacksHistory(channelId: string, guildId: string): Promise<void>
}

export interface Delivery {
  /**
   * Posts and edits the messages that are due. Each channel has a queue of its own, so a slow channel or a refusal
   * holds up no other. Resolves once all queues are empty, or after `passMs`.
   *
   * @throws the first error that did not come from Discord
   */
  pass(): Promise<void>
  /**
   * Starts no more messages and waits for those under way, at most `waitMs`. The next start posts the others, each
   * once.
   */
  close(waitMs?: number): Promise<void>
}

interface Dependencies {
  readonly client: Client
  /** If a channel is owed several messages, posts go before edits, and then earlier mails before later ones. */
  // biome-ignore lint/suspicious/noExplicitAny: each mail knows its own items, and only it reads them
  readonly mails: readonly Mail<any>[]
  readonly channels: Channels
  /**
   * Asks Discord if it still takes the token, as a single refusal can be a passing fault. After a no, nothing more is
   * sent.
   */
  tokenWorks(): Promise<boolean>
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
  /** A pass waits at most this long for its channels. */
  readonly passMs?: number
}

interface Letter {
  readonly mail: Mail<Owed>
  readonly item: Owed
}

/** Brings all messages to channels. */
export const createDelivery = ({
  client,
  mails,
  channels,
  tokenWorks,
  log,
  now,
  passMs = PASS_MS,
}: Dependencies): Delivery => {
  const waits = createWaits(now)
  /** For each message whose fate is unknown, the time of the first try. */
  const doubtful = new Map<string, number>()
  const queues = new Map<string, Promise<void>>()
  let halted = false
  let closed = false

  const send = async ({ mail, item }: Letter, { replyTo = null, ...message }: Message): Promise<void> => {
    const channel = await postableChannel(client, item.channelId)
    if (item.messageId !== null) {
      await channel.messages.edit(item.messageId, { ...message, files: message.files ?? [], attachments: [] })
      return mail.delivered(item, item.messageId)
    }
    const reply = replyTo === null ? {} : { reply: { messageReference: replyTo, failIfNotExists: false } }
    const sent = await channel.send({ ...message, nonce: item.nonce, enforceNonce: true, ...reply })
    await mail.delivered(item, sent.id)
  }

  /**
   * Tries a second time at once if the outcome is unknown: its nonce keeps the message from appearing twice, and an
   * edit can be repeated.
   */
  const attempt = async (letter: Letter, composed: Message): Promise<Outcome | 'done'> => {
    const { mail, item } = letter
    let message = composed
    let outcome: Outcome = 'unknown'
    for (let tries = 0; tries < 2 && !closed; tries++) {
      try {
        await send(letter, message)
        return 'done'
      } catch (error) {
        outcome = outcomeOf(error)
        if (outcome === 'unknown' && item.messageId === null && !doubtful.has(item.id)) doubtful.set(item.id, now())
        const fields = { err: loggable(error), kind: mail.kind, id: item.id, channel: item.channelId, outcome }
        if (outcome === 'rejected' || outcome === 'unauthorised') log.error(fields, 'discord refused a message')
        else log.warn(fields, 'message not delivered')
      }
      if (outcome === 'reply refused') {
        message = { ...message, replyTo: null }
        await channels.lacksHistory(item.channelId, item.guildId)
      } else if (outcome !== 'unknown') break
    }
    return outcome
  }

  const drop = async ({ mail, item }: Letter, reason: DropReason): Promise<void> => {
    doubtful.delete(item.id)
    await mail.dropped(item, reason)
    log.info({ kind: mail.kind, id: item.id, channel: item.channelId, reason }, 'message dropped')
  }

  /**
   * Acts on the outcome of a message.
   *
   * @returns true if the channel's next message may follow
   */
  const applyOutcome = async (letter: Letter, outcome: Outcome | 'done'): Promise<boolean> => {
    const { id, channelId, guildId } = letter.item
    switch (outcome) {
      case 'done':
        doubtful.delete(id)
        waits.clear(channelId)
        await channels.resumed(channelId, guildId)
        return true
      case 'channel gone':
        await drop(letter, 'gone')
        await channels.forgetChannel(channelId)
        return false
      case 'guild gone':
        await drop(letter, 'gone')
        await channels.forgetGuild(guildId)
        return false
      case 'message gone':
        await drop(letter, 'deleted')
        return true
      case 'rejected':
      case 'reply refused':
        await drop(letter, 'rejected')
        return true
      case 'forbidden':
        waits.setback(channelId, FORBIDDEN_WAIT.first, FORBIDDEN_WAIT.longest)
        await channels.paused(channelId, guildId)
        return false
      case 'unauthorised':
        halted ||= !(await tokenWorks())
        waits.setback(channelId, UNKNOWN_WAIT.first, UNKNOWN_WAIT.longest)
        return false
      case 'unknown':
        waits.setback(channelId, UNKNOWN_WAIT.first, UNKNOWN_WAIT.longest)
        return false
    }
  }

  /** Composes a message. One that cannot be composed waits alone and holds up no other. */
  const composed = async ({ mail, item }: Letter): Promise<Message | null> => {
    if (waits.waiting(item.id)) return null
    try {
      const message = await mail.compose(item, doubtful.get(item.id) ?? null)
      waits.clear(item.id)
      return message
    } catch (error) {
      log.error({ err: loggable(error), kind: mail.kind, id: item.id }, 'message could not be put together')
      waits.setback(item.id, COMPOSE_WAIT.first, COMPOSE_WAIT.longest)
      return null
    }
  }

  const work = async (letters: readonly Letter[]): Promise<void> => {
    for (const letter of letters) {
      if (halted || closed || !client.isReady()) return
      const message = await composed(letter)
      if (message === null || halted || closed) continue
      if (!(await applyOutcome(letter, await attempt(letter, message)))) return
    }
  }

  const mayReceive = ({ channelId, guildId }: Owed): boolean =>
    isOwnGuild(client, guildId) &&
    !queues.has(channelId) &&
    !waits.waiting(channelId) &&
    client.guilds.cache.get(guildId)?.available !== false

  const begin = async (): Promise<void> => {
    const letters: Letter[] = []
    for (const mail of mails) for (const item of await mail.owed()) letters.push({ mail, item })
    const newFirst = [
      ...letters.filter(({ item }) => item.messageId === null),
      ...letters.filter(({ item }) => item.messageId !== null),
    ]
    for (const [channelId, queued] of Map.groupBy(newFirst, ({ item }) => item.channelId)) {
      if (!mayReceive(queued[0]!.item)) continue
      queues.set(
        channelId,
        work(queued).finally(() => queues.delete(channelId)),
      )
    }
  }

  const stopListening = listenForChannelNews(client, {
    forgetChannel: (id) => channels.forgetChannel(id),
    forgetGuild: (id) => channels.forgetGuild(id),
    mayHaveChanged: (id) => waits.clear(id),
    failed: (error) => log.error({ err: loggable(error) }, 'a channel that is gone could not be forgotten'),
  })

  return {
    async pass() {
      if (halted || closed || !client.isReady()) return
      await begin()
      const all = Promise.allSettled([...queues.values()])
      if (!(await endsWithin(passMs, all))) return
      const failed = (await all).find((queue) => queue.status === 'rejected')
      if (failed) throw failed.reason
    },
    async close(waitMs = STOP_WAIT_MS) {
      closed = true
      stopListening()
      await endsWithin(waitMs, Promise.allSettled([...queues.values()]))
    },
  }
}
