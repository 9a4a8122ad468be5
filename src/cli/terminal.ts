import type { Writable } from 'node:stream'

/** Where a verb writes: answers on standard output, everything said to a person beside it on standard error. */
export interface Terminal {
  line(text: string): void
  json(value: unknown): void
  problem(text: string): void
  /** One line that is written over again while something goes on; nothing when nobody watches. */
  progress(text: string | null): void
  /** The verb did not do all it was asked. */
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
