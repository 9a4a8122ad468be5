import { DiscordAPIError, DiscordjsError } from 'discord.js'

/** The meaning of a failed call to Discord for the one who made it. */
export type Outcome =
  /** The channel, the guild or the message no longer exists. */
  | 'channel gone'
  | 'guild gone'
  | 'message gone'
  /** The bot lacks a permission, which may be granted later. */
  | 'forbidden'
  /** The message may be posted, but not as a reply: the bot may not read the channel's history. */
  | 'reply refused'
  /** The token is refused: no call will work. */
  | 'unauthorised'
  /** Discord refuses the content by our fault: the same call would fail again. */
  | 'rejected'
  /** The call may have worked or not. */
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

/** The channel cannot hold messages, or belongs to no guild. */
export class UnpostableChannelError extends Error {
  override readonly name = 'UnpostableChannelError'
}

export const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof DiscordAPIError) {
    const known = BY_CODE[error.code]
    if (known !== undefined) return known
    if (error.status === 401) return 'unauthorised'
    // Only the codes above mean a lacking permission. Code 40333 and error pages of a server before Discord pass with
    // time.
    return error.status === 403 || error.status === 429 ? 'unknown' : 'rejected'
  }
  if (error instanceof DiscordjsError) return error.code === 'GuildChannelUnowned' ? 'forbidden' : 'rejected'
  if (error instanceof UnpostableChannelError) return 'rejected'
  // After a 401 discord.js forgets its token, and its next call throws this plain error.
  if (error instanceof Error && error.message.startsWith('Expected token to be set')) return 'unauthorised'
  return 'unknown'
}

/** True if the interaction already has its answer: an earlier call that seemed to fail had worked. */
export const isAlreadyAnswered = (error: unknown): boolean => error instanceof DiscordAPIError && error.code === 40060

/** True if Discord no longer waits for an answer to the interaction. */
export const isTooLate = (error: unknown): boolean => error instanceof DiscordAPIError && error.code === 10062

/** True if the interaction's token has expired, 15 minutes after the command. */
export const isTokenSpent = (error: unknown): boolean =>
  error instanceof DiscordAPIError && (error.code === 50027 || error.code === 10015)

/** The fields of an error that are safe to log: Discord's errors carry whole payloads, pictures and webhook tokens. */
export const loggable = (error: unknown): object => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { name, message, stack } = error
  const code = 'code' in error ? { code: error.code } : {}
  const status = 'status' in error ? { status: error.status } : {}
  const cause = error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}
  return { type: name, message, ...code, ...status, ...cause, stack }
}
