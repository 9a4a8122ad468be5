import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Command, Guild, StoredMessage } from './types.ts'

/** One line of the journal. The last line about a thing is the truth about it. */
export type JournalLine =
  | { readonly kind: 'guild'; readonly guild: Guild }
  | { readonly kind: 'guild-gone'; readonly id: string }
  | { readonly kind: 'message'; readonly stored: StoredMessage }
  | { readonly kind: 'message-gone'; readonly channelId: string; readonly id: string }
  | { readonly kind: 'commands'; readonly guildId: string | null; readonly commands: readonly Command[] }
  | { readonly kind: 'visitor'; readonly locale: string }

/** Keeps lines and files between runs; without a folder it keeps files in memory and lines not at all. */
export interface Journal {
  /** Lines of earlier runs, oldest first. */
  read(): JournalLine[]
  append(line: JournalLine): void
  /** Replaces everything written so far. */
  rewrite(lines: readonly JournalLine[]): void
  /** Lines appended since the last rewrite. */
  readonly appended: number
  putFile(id: string, bytes: Uint8Array): void
  getFile(id: string): Uint8Array | null
  removeFile(id: string): void
  fileIds(): string[]
  close(): void
}

export const createMemoryJournal = (): Journal => {
  const files = new Map<string, Uint8Array>()
  return {
    read: () => [],
    append: () => {},
    rewrite: () => {},
    appended: 0,
    putFile: (id, bytes) => void files.set(id, bytes),
    getFile: (id) => files.get(id) ?? null,
    removeFile: (id) => void files.delete(id),
    fileIds: () => [...files.keys()],
    close: () => files.clear(),
  }
}

/**
 * An append-only file of JSON lines, and a folder of uploads. A line is one `write`, so that a killed process tears at most the last line,
 * and an upload is written before the message that shows it. Addresses are kept without host and port: the next run may have another one.
 */
export const createFileJournal = (folder: string, cdnUrl: string): Journal => {
  const path = join(folder, 'journal.jsonl')
  const uploads = join(folder, 'files')
  mkdirSync(uploads, { recursive: true })
  let descriptor = openSync(path, 'a')
  let appended = 0

  const encode = (line: JournalLine): string => `${JSON.stringify(line).replaceAll(`${cdnUrl}/`, 'cdn://')}\n`
  const decode = (text: string): JournalLine => JSON.parse(text.replaceAll('cdn://', `${cdnUrl}/`))

  return {
    read() {
      const lines: JournalLine[] = []
      for (const text of readFileSync(path, 'utf8').split('\n')) {
        if (text === '') continue
        try {
          lines.push(decode(text))
        } catch {
          // Torn by a kill in the middle of the write: everything before it is whole, and the next rewrite drops it.
        }
      }
      return lines
    },
    append(line) {
      writeSync(descriptor, encode(line))
      appended += 1
    },
    rewrite(lines) {
      const fresh = `${path}.new`
      const target = openSync(fresh, 'w')
      for (const line of lines) writeSync(target, encode(line))
      fsyncSync(target)
      closeSync(target)
      closeSync(descriptor)
      renameSync(fresh, path)
      descriptor = openSync(path, 'a')
      appended = 0
    },
    get appended() {
      return appended
    },
    putFile(id, bytes) {
      const target = join(uploads, id)
      writeFileSync(`${target}.new`, bytes)
      renameSync(`${target}.new`, target)
    },
    getFile: (id) => (existsSync(join(uploads, id)) ? readFileSync(join(uploads, id)) : null),
    removeFile: (id) => rmSync(join(uploads, id), { force: true }),
    fileIds: () => readdirSync(uploads),
    close: () => closeSync(descriptor),
  }
}
