import { RetryableError, SetupError, UnknownSymbolError } from './errors.ts'

/** What a terminal shows of an error: one sentence for what time or the operator can mend; anything else is ours and shows its stack. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const isMendable =
    error instanceof SetupError || error instanceof RetryableError || error instanceof UnknownSymbolError
  return isMendable ? error.message : (error.stack ?? error.message)
}
