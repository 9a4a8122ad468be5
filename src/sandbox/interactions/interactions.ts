import { randomBytes } from 'node:crypto'
import { alreadyAnswered, invalidWebhookToken, unknownInteraction, unknownWebhook } from '../api-error.ts'
import type { Hub } from '../gateway/hub.ts'
import type { Snowflakes } from '../snowflake.ts'
import type { World } from '../world.ts'
import { type InteractionRequest, interactionPayload } from './payload.ts'

/** The time for the first answer, and the life of the token. Both begin when the person asks. */
const ANSWER_MS = 3_000
const TOKEN_MS = 15 * 60_000

/** An interaction, from the click to the end of its token. */
export interface Pending extends InteractionRequest {
  /** The gateway session that asked, or `all` of the visitor's if the request named none. */
  readonly session: string | 'all'
  readonly nonce: string | null
  askedAt: number
  answered: boolean
  readonly commandName: string | null
  /** The message that `@original` names: the reply, or the message of the button. */
  originalId: string | null
}

export class Interactions {
  private readonly byId = new Map<string, Pending>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private readonly parts: { world: World; hub: Hub; snowflakes: Snowflakes; now: () => number }

  constructor(parts: Interactions['parts']) {
    this.parts = parts
  }

  /** Sends a click or a command to the program, and a failure to the visitor if no answer comes in time. */
  ask(
    request: Omit<InteractionRequest, 'id' | 'token'> & {
      session: string | 'all'
      nonce: string | null
      commandName: string | null
    },
  ): Pending {
    const { world, hub, snowflakes, now } = this.parts
    this.forgetOld()
    const pending: Pending = {
      ...request,
      id: snowflakes.next(),
      token: randomBytes(48).toString('base64url'),
      askedAt: now(),
      answered: false,
      originalId: null,
    }
    this.byId.set(pending.id, pending)
    hub.toVisitors('INTERACTION_CREATE', { id: pending.id, nonce: pending.nonce }, pending.session)
    hub.toBots('INTERACTION_CREATE', interactionPayload(world, pending), pending.guild.id)
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      if (!pending.answered)
        hub.toVisitors('INTERACTION_FAILURE', { id: pending.id, nonce: pending.nonce, reason_code: 2 }, pending.session)
    }, ANSWER_MS)
    this.timers.add(timer.unref())
    return pending
  }

  /** The interaction that a callback with this id and token may answer. */
  answerable(id: string, token: string): Pending {
    const pending = this.byId.get(id)
    if (!pending || pending.token !== token) throw unknownInteraction()
    if (pending.answered) throw alreadyAnswered()
    if (this.parts.now() - pending.askedAt > ANSWER_MS) throw unknownInteraction()
    return pending
  }

  succeed(pending: Pending): void {
    pending.answered = true
    this.parts.hub.toVisitors('INTERACTION_SUCCESS', { id: pending.id, nonce: pending.nonce }, pending.session)
  }

  /** The interaction of a webhook token. */
  byToken(applicationId: string, token: string): Pending {
    const pending = [...this.byId.values()].find((one) => one.token === token)
    if (!pending || applicationId !== this.parts.world.cast.applicationId || !pending.answered) throw unknownWebhook()
    if (this.parts.now() - pending.askedAt > TOKEN_MS) throw invalidWebhookToken()
    return pending
  }

  /** Makes every interaction older by this time. */
  age(ms: number): void {
    for (const pending of this.byId.values()) pending.askedAt -= ms
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer)
  }

  private forgetOld(): void {
    const now = this.parts.now()
    for (const [id, pending] of this.byId) if (now - pending.askedAt > 2 * TOKEN_MS) this.byId.delete(id)
  }
}
