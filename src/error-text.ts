/** Errors that time or the operator can mend, by name, since each layer has its own: their message says what to do. */
const MENDABLE = new Set(['SetupError', 'RetryableError', 'UnknownSymbolError', 'PortInUseError', 'PortDeniedError'])

/** What a terminal shows of an error: one sentence for what can be mended; anything else is ours and shows its stack. */
export const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return MENDABLE.has(error.name) ? error.message : (error.stack ?? error.message)
}
