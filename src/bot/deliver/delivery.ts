import type { APIEmbed, AttachmentPayload, Client } from 'discord.js'
import { endsWithin } from '../../async/ends-within.ts'
import type { Log } from '../../log.ts'
import { MINUTE } from '../../model/time/bar.ts'
import { loggable, type Outcome, outcomeOf } from '../discord/api-errors.ts'
import { listenForChannelNews } from '../discord/channel-news.ts'
import { postableChannel } from '../discord/postable-channel.ts'
import { createWaits } from './waits.ts'

/** A pass waits so long for channels; one that is slower goes on beside the next pass. */
const PASS_MS = 800
const STOP_WAIT_MS = 1_500
const COMPOSE_WAIT = { first: 5_000, longest: 10 * MINUTE }
const UNKNOWN_WAIT = { first: 1_000, longest: 30_000 }
const FORBIDDEN_WAIT = { first: MINUTE, longest: 60 * MINUTE }

/** A message that a channel is owed, or a change of one that it has. */
export interface Owed {
  readonly id: string
  /** At most 25 characters, the same for the same message for ever: Discord posts it once. */
  readonly nonce: string
  readonly channelId: string
  readonly guildId: string
  /** Null until it has been posted; then the message is edited. */
  readonly messageId: string | null
}

export interface Message {
  readonly content: string
  readonly embeds?: APIEmbed[]
  readonly files?: AttachmentPayload[]
  /** The message that it answers. */
  readonly replyTo?: string | null
}

/** Why a message will never be posted, or not be changed any more. */
export type DropReason = 'gone' | 'deleted' | 'rejected'

/** One kind of messages: which are owed, how they read, and what is kept of them. */
export interface Mail<Item extends Owed> {
  /** For the log: `alert`, `notice`. */
  readonly kind: string
  /** In the order in which each channel is to get them. */
  owed(): Promise<readonly Item[]>
  /**
   * The message as it reads now; null when it is not to be sent now, or never, which the mail has then kept itself.
   *
   * @param triedAt - when it was first tried without learning what came of it (our clock)
   */
  compose(item: Item, triedAt: number | null): Promise<Message | null>
  delivered(item: Item, messageId: string): Promise<void>
  dropped(item: Item, reason: DropReason): Promise<void>
}

/** What becomes of channels, for whoever keeps what they follow. */
export interface Channels {
  forgetChannel(channelId: string): Promise<void>
  forgetGuild(guildId: string): Promise<void>
  /** The bot may not post in the channel; called at every refusal. */
  paused(channelId: string, guildId: string): Promise<void>
  /** A message has reached the channel. */
  resumed(channelId: string, guildId: string): Promise<void>
  /** A reply had to go without its reference: the bot may not read the channel's history. */
  lacksHistory(channelId: string, guildId: string): Promise<void>
}

export interface Delivery {
  /**
   * Posts and edits what is owed: each channel has a queue of its own, so a slow one or a refusal holds up no other. Resolves when all queues are empty,
   * or after a moment.
   *
   * @throws the first error that was none of Discord's
   */
  pass(): Promise<void>
  /** Begins nothing more and waits for what is under way, at most `waitMs`: what is left is posted after the next start, once. */
  close(waitMs?: number): Promise<void>
}

interface Dependencies {
  readonly client: Client
  /** Of two messages that a channel is owed, one of an earlier mail goes first; posts go before edits. */
  // biome-ignore lint/suspicious/noExplicitAny: each mail knows its own items, and only it reads them
  readonly mails: readonly Mail<any>[]
  readonly channels: Channels
  /** Whether Discord still takes the token: a single refusal can be a passing fault. Once it says no, nothing more is sent. */
  tokenWorks(): Promise<boolean>
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
  /** How long a pass waits for its channels. */
  readonly passMs?: number
}

interface Letter {
  readonly mail: Mail<Owed>
  readonly item: Owed
}

/** The one engine that brings messages to channels. */
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
  /** When a message was first tried without learning what came of it. */
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

  /** An unknown outcome is asked about once more at once: with its nonce a message cannot appear twice, and an edit changes nothing twice. */
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

  /** Whether the channel's next message may follow. */
  const settle = async (letter: Letter, outcome: Outcome | 'done'): Promise<boolean> => {
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

  /** A message that cannot be put together waits by itself and holds up no other. */
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
      if (!(await settle(letter, await attempt(letter, message)))) return
    }
  }

  const mayReceive = ({ channelId, guildId }: Owed): boolean =>
    !queues.has(channelId) && !waits.waiting(channelId) && client.guilds.cache.get(guildId)?.available !== false

  const begin = async (): Promise<void> => {
    const letters: Letter[] = []
    for (const mail of mails) for (const item of await mail.owed()) letters.push({ mail, item })
    const newFirst = [
      ...letters.filter(({ item }) => item.messageId === null),
      ...letters.filter(({ item }) => item.messageId !== null),
    ]
    for (const [channelId, own] of Map.groupBy(newFirst, ({ item }) => item.channelId)) {
      if (!mayReceive(own[0]!.item)) continue
      queues.set(
        channelId,
        work(own).finally(() => queues.delete(channelId)),
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
