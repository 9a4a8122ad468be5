/**
 * Errors by who must act. `UserError` (of the bot): the person who asked, who reads its message. `RetryableError`:
 * nobody, time will do. `SetupError`: the operator; its message names the setting, file or server and says what to do,
 * and is shown without a stack. Anything else is ours.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

export class RetryableError extends Error {
  override readonly name = 'RetryableError'
  /** Milliseconds that the other side asked us to wait, or null. */
  readonly retryAfterMs: number | null
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

/** The source has no such stock, or no longer. */
export class UnknownSymbolError extends Error {
  override readonly name = 'UnknownSymbolError'
  readonly symbol: string
  constructor(symbol: string, options?: ErrorOptions) {
    super(`${symbol} is not listed here`, options)
    this.symbol = symbol
  }
}

/** Another process has taken over the work: what this one was about to store was not stored. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}
