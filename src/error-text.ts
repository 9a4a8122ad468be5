import { RetryableError, SetupError, UnknownSymbolError } from './errors.ts'

/**
 * An error's text for a terminal: one sentence if time or the operator can mend it; anything else is ours and shows its
 * stack.
 */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const isMendable =
    error instanceof SetupError || error instanceof RetryableError || error instanceof UnknownSymbolError
  return isMendable ? error.message : (error.stack ?? error.message)
}
