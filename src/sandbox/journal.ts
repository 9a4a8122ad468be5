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

/** One line of the journal. Of several lines about one thing the last is valid. */
export type JournalLine =
  | { readonly kind: 'guild'; readonly guild: Guild }
  | { readonly kind: 'guild-gone'; readonly id: string }
  | { readonly kind: 'message'; readonly stored: StoredMessage }
  | { readonly kind: 'message-gone'; readonly channelId: string; readonly id: string }
  | { readonly kind: 'commands'; readonly guildId: string | null; readonly commands: readonly Command[] }
  | { readonly kind: 'visitor'; readonly locale: string }

/** Stores lines and files between runs. The memory journal holds files for one run and drops lines. */
export interface Journal {
  /** The lines of earlier runs, oldest first. */
  read(): JournalLine[]
  append(line: JournalLine): void
  /** Replaces all lines written so far. */
  rewrite(lines: readonly JournalLine[]): void
  /** The number of lines appended since the last rewrite. */
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
 * An append-only file of JSON lines, and a folder of uploads. Each line is one `write`, so a killed process damages at
 * most the last line. An upload is written before the message that shows it. Addresses are stored without host and
 * port, because the next run may have another port.
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
          // A kill in the middle of a write damaged this line. The lines before it are complete; a rewrite drops it.
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
