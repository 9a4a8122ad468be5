import type { Writable } from 'node:stream'

/** A verb's output: answers go to standard output, everything else that a person reads to standard error. */
export interface Terminal {
  line(text: string): void
  json(value: unknown): void
  problem(text: string): void
  /** Writes one line over the last one; null clears it. Does nothing without a terminal. */
  progress(text: string | null): void
  /** Makes the exit code 1: the verb did not do all it was asked. */
  failed(): void
}

/** `1 day`, `2 days`. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

/** The verb was called wrongly: exit 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const createTerminal = (out: Writable, err: Writable & { isTTY?: boolean }): Terminal => ({
  line: (text) => void out.write(`${text}\n`),
  json: (value) => void out.write(`${JSON.stringify(value)}\n`),
  problem: (text) => void err.write(`${text}\n`),
  progress(text) {
    if (err.isTTY) err.write(text === null ? '\r\u001b[K' : `\r\u001b[K${text}`)
  },
  failed() {
    process.exitCode = 1
  },
})
