import { DiscordAPIError, DiscordjsError } from 'discord.js'

/** What an error of a call to Discord means for what was to be done. */
export type Outcome =
  /** The channel, the guild or the message is not there any more. */
  | 'channel gone'
  | 'guild gone'
  | 'message gone'
  /** We may not, for now. */
  | 'forbidden'
  /** The message may be posted, but not as a reply: the bot may not read the channel's history. */
  | 'reply refused'
  /** The token is no good: no call will work. */
  | 'unauthorised'
  /** Discord refuses what we sent: our mistake, the same again changes nothing. */
  | 'rejected'
  /** Nobody knows whether it happened. */
  | 'unknown'

const BY_CODE: Readonly<Record<number | string, Outcome>> = {
  10003: 'channel gone',
  10004: 'guild gone',
  10008: 'message gone',
  30046: 'rejected', // too many edits of a message that is older than an hour
  50001: 'forbidden',
  50013: 'forbidden',
  50083: 'forbidden', // an archived thread
  160002: 'reply refused',
  160005: 'forbidden', // a locked thread
}

/** A channel that cannot hold messages, or not one of a guild's. */
export class UnpostableChannelError extends Error {
  override readonly name = 'UnpostableChannelError'
}

export const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof DiscordAPIError) {
    const known = BY_CODE[error.code]
    if (known !== undefined) return known
    if (error.status === 401) return 'unauthorised'
    // Of refusals only the codes above speak of permission: 40333 and pages of an edge before Discord pass with time.
    return error.status === 403 || error.status === 429 ? 'unknown' : 'rejected'
  }
  if (error instanceof DiscordjsError) return error.code === 'GuildChannelUnowned' ? 'forbidden' : 'rejected'
  if (error instanceof UnpostableChannelError) return 'rejected'
  // After one 401 discord.js forgets its token and says so with a plain error
  if (error instanceof Error && error.message.startsWith('Expected token to be set')) return 'unauthorised'
  return 'unknown'
}

/** The answer to this interaction was given already: the call that seemed to fail had worked. */
export const isAlreadyAnswered = (error: unknown): boolean => error instanceof DiscordAPIError && error.code === 40060

/** Discord no longer waits for an answer to this interaction. */
export const isTooLate = (error: unknown): boolean => error instanceof DiscordAPIError && error.code === 10062

/** The interaction's token has run out: 15 minutes after the command. */
export const isTokenSpent = (error: unknown): boolean =>
  error instanceof DiscordAPIError && (error.code === 50027 || error.code === 10015)

/** What a log may say of an error: Discord's errors carry whole payloads, pictures and webhook tokens with them. */
export const loggable = (error: unknown): object => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { name, message, stack } = error
  const code = 'code' in error ? { code: error.code } : {}
  const status = 'status' in error ? { status: error.status } : {}
  const cause = error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}
  return { type: name, message, ...code, ...status, ...cause, stack }
}
