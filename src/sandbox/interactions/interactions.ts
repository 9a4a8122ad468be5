import { randomBytes } from 'node:crypto'
import { alreadyAnswered, invalidWebhookToken, unknownInteraction, unknownWebhook } from '../api-error.ts'
import type { Hub } from '../gateway/hub.ts'
import type { Snowflakes } from '../snowflake.ts'
import type { World } from '../world.ts'
import { type Asked, interactionPayload } from './payload.ts'

/** The first answer must come within three seconds; the token then lives a quarter of an hour. */
const ANSWER_MS = 3_000
const TOKEN_MS = 15 * 60_000

/** One interaction, from the click to the end of its token. */
export interface Pending extends Asked {
  /** Gateway session that asked, or `all` of the visitor's when it named none. */
  readonly session: string | 'all'
  readonly nonce: string | null
  askedAt: number
  answered: boolean
  readonly commandName: string | null
  /** What `@original` means: the reply, or the message of the button. */
  originalId: string | null
}

export class Interactions {
  private readonly byId = new Map<string, Pending>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private readonly parts: { world: World; hub: Hub; snowflakes: Snowflakes; now: () => number }

  constructor(parts: Interactions['parts']) {
    this.parts = parts
  }

  /** Hands a click or a command to the program, and tells the visitor when no answer came in time. */
  ask(
    asked: Omit<Asked, 'id' | 'token'> & { session: string | 'all'; nonce: string | null; commandName: string | null },
  ): Pending {
    const { world, hub, snowflakes, now } = this.parts
    this.forgetOld()
    const pending: Pending = {
      ...asked,
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

  /** The interaction that this callback may answer. */
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

  /** The interaction behind a webhook token. */
  byToken(applicationId: string, token: string): Pending {
    const pending = [...this.byId.values()].find((one) => one.token === token)
    if (!pending || applicationId !== this.parts.world.cast.applicationId || !pending.answered) throw unknownWebhook()
    if (this.parts.now() - pending.askedAt > TOKEN_MS) throw invalidWebhookToken()
    return pending
  }

  /** Makes every interaction as old as this. */
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
