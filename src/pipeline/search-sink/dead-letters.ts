import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SetupError } from '../../errors.ts'
import type { SearchDocument } from './documents.ts'

/** A document that the node will never take, and its reason. */
export interface DeadLetter {
  readonly document: SearchDocument
  readonly reason: string
}

/** Appends to a file of JSON lines: each is the refused document with its index, id and reason. */
export interface DeadLetters {
  readonly path: string
  /** All of them or, if the file cannot be written, none. @throws {SetupError} in that case */
  append(letters: readonly DeadLetter[]): Promise<void>
}

export const createDeadLetters = (path: string, now: () => number): DeadLetters => ({
  path,
  async append(letters) {
    const at = new Date(now()).toISOString()
    const lines = letters.map(
      ({ document: { index, id, source }, reason }) =>
        `${JSON.stringify({ at, index, id, reason, document: JSON.parse(source) })}\n`,
    )
    try {
      await mkdir(dirname(path), { recursive: true })
      const file = await open(path, 'a+')
      try {
        await appendWhole(file, lines.join(''))
      } finally {
        await file.close()
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      const what = code === 'ENOSPC' ? 'free space on its disk' : 'let this user write there'
      throw new SetupError(
        `${path}, for documents that the search node refuses, cannot be written (${code}): ${what}. They wait in the database.`,
        { cause: error },
      )
    }
  },
})

/** A process that was killed may have left half a line: the next one begins on a line of its own. */
const appendWhole = async (file: FileHandle, text: string): Promise<void> => {
  const { size } = await file.stat()
  const { buffer } = size > 0 ? await file.read(Buffer.alloc(1), 0, 1, size - 1) : { buffer: Buffer.from('\n') }
  try {
    await file.writeFile(`${buffer.toString() === '\n' ? '' : '\n'}${text}`)
    await file.sync()
  } catch (error) {
    await file.truncate(size)
    throw error
  }
}
