import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type CsvError, type Parser, parse } from 'csv-parse'
import iconv from 'iconv-lite'
import { SetupError } from '../../errors.ts'

/** Receives each record, the header among them, with the number of the line on which it ends. */
export interface CsvReader {
  onRecord(cells: string[], line: number): void
  /** The file ends in the middle of a line, and the last record is shorter than the one before it. */
  onCut(line: number): void
  /** A record is no CSV; the message says why. */
  onBroken(line: number, message: string): void
}

/** The end of a reading: after the last line, or where the file breaks off (`after` is the last whole line). */
export type CsvEnd = { readonly whole: true } | { readonly whole: false; readonly after: number; readonly why: string }

/** Korean programs write CP949 (a superset of EUC-KR). */
const LEGACY_ENCODING = 'cp949'

/**
 * Reads a CSV file, plain or gzip, UTF-8 or CP949, record by record, without holding it. A gzip file that breaks off
 * still gives every whole line before the break.
 *
 * @throws {SetupError} when there is no such file, or it is not text
 */
export const readCsvFile = async (path: string, reader: CsvReader, signal?: AbortSignal): Promise<CsvEnd> => {
  const packed = await isGzip(path)
  const delimiter = await separatorOf(path, packed)
  signal?.throwIfAborted()
  const file = createReadStream(path)
  const bytes = packed ? file.pipe(createGunzip()) : file
  const progress: Progress = { lastLine: 0, lastByte: undefined, held: null, before: null, records: 0 }
  /** Passes a record on when the next one has shown that it was not the last. */
  const passOn = () => {
    const { held } = progress
    progress.held = null
    if (held === null) return
    progress.before = progress.records++ === 0 ? null : held.cells
    reader.onRecord(held.cells, held.line)
  }
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    // The parser calls this for each record before `write` returns: nothing is buffered, so nothing is lost when the
    // file breaks off.
    on_record: (cells: string[], { lines }) => {
      progress.lastLine = lines
      passOn()
      progress.held = { cells, line: lines }
      return null
    },
    on_skip: (error) => {
      passOn()
      if (error !== undefined) reader.onBroken(brokenLine(error, progress.lastLine), brokenMessage(error))
      return undefined
    },
  })
  const stop = () => file.destroy(signal?.reason)
  signal?.addEventListener('abort', stop)
  try {
    const broken = await feed(path, [file, bytes], parser, progress)
    if (broken === null && progress.held !== null && mayBeCut(progress)) reader.onCut(progress.held.line)
    else passOn()
    if (broken === null) return { whole: true }
    return { whole: false, after: progress.lastLine, why: broken }
  } finally {
    signal?.removeEventListener('abort', stop)
    file.destroy()
    bytes.destroy()
  }
}

interface Progress {
  lastLine: number
  lastByte: number | undefined
  /** The record that was read last and is not passed on yet. */
  held: { readonly cells: string[]; readonly line: number } | null
  /** The data record before it. */
  before: readonly string[] | null
  records: number
}

const LINE_ENDS: ReadonlySet<number | undefined> = new Set([10, 13])

/**
 * True if the last record may be incomplete. A program that writes lines ends each of them; a copy that was taken while
 * it wrote may end anywhere, and its last 17 may be the start of 1785.
 */
const mayBeCut = ({ lastByte, held, before }: Progress): boolean => {
  if (LINE_ENDS.has(lastByte) || held === null || before === null || held.cells.every((cell) => cell.trim() === ''))
    return false
  const length = (cells: readonly string[]) => cells.at(-1)?.trim().length ?? 0
  return (
    held.cells.length < before.length || (held.cells.length === before.length && length(held.cells) < length(before))
  )
}

/** Gives every byte to the parser. Resolves to the reason why a packed file breaks off, or to null after its end. */
const feed = (
  path: string,
  streams: [Readable, Readable],
  parser: Parser,
  progress: Progress,
): Promise<string | null> =>
  new Promise((resolve, reject) => {
    const [file, bytes] = streams
    let decode: ((chunk: Buffer) => Buffer | string) | null = null
    parser.on('error', reject)
    parser.on('end', () => resolve(null))
    parser.resume()
    file.on('error', reject)
    bytes.on('data', (chunk: Buffer) => {
      try {
        decode ??= decoderFor(path, chunk)
        parser.write(decode(chunk))
        progress.lastByte = chunk.at(-1)
      } catch (error) {
        reject(error as Error)
      }
    })
    bytes.on('end', () => {
      if (decode === null) reject(new SetupError(`${path} is empty: expected a CSV file with a header line`))
      else parser.end()
    })
    if (bytes !== file)
      bytes.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'Z_BUF_ERROR') resolve('the gzip file ends too early')
        else if (error.code?.startsWith('Z_')) resolve(`the gzip file is damaged (${error.message})`)
        else reject(error)
      })
  })

const decoderFor = (path: string, first: Buffer): ((chunk: Buffer) => Buffer | string) => {
  if (first.includes(0))
    throw new SetupError(
      `${basename(path)} is not a text file in UTF-8 or CP949: save it as CSV (UTF-8), or name another file`,
    )
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true })
    return (chunk) => chunk
  } catch {
    const decoder = iconv.getDecoder(LEGACY_ENCODING)
    return (chunk) => decoder.write(chunk)
  }
}

const SEPARATORS = [',', ';', '\t'] as const

/**
 * The separator of the header's names. Spreadsheets also write semicolons or tabs, and then a comma may be part of a
 * number.
 */
const separatorOf = async (path: string, packed: boolean): Promise<string> => {
  const file = createReadStream(path, { end: 65_535 })
  const bytes = packed ? file.pipe(createGunzip()) : file
  try {
    for await (const chunk of bytes) {
      const [header = ''] = (chunk as Buffer)
        .toString('latin1')
        .trimStart()
        .split(/[\r\n]/)
      const count = (separator: string) => header.split(separator).length
      return SEPARATORS.toSorted((a, b) => count(b) - count(a))[0]!
    }
  } catch {
    // The reading that follows reports the problem with the file.
  } finally {
    file.destroy()
    bytes.destroy()
  }
  return ','
}

const isGzip = async (path: string): Promise<boolean> => {
  try {
    if (!(await stat(path)).isFile()) throw new SetupError(`${path} is not a file: name a CSV file (.csv or .csv.gz)`)
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    const packed = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
    if (!packed && bytesRead > 0 && path.toLowerCase().endsWith('.gz'))
      throw new SetupError(`${path} is not a gzip file, though it is named like one: pack it with gzip, or rename it`)
    return packed
  } catch (cause) {
    if (cause instanceof SetupError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new SetupError(`${path} ${why}: name a CSV file (.csv or .csv.gz)`, { cause })
  }
}

const brokenLine = (error: CsvError, lastLine: number): number =>
  error.code === 'CSV_QUOTE_NOT_CLOSED' ? lastLine + 1 : Number(error.lines ?? lastLine + 1)

const brokenMessage = (error: CsvError): string =>
  error.code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'a quotation mark is opened and never closed; nothing after it could be read'
    : 'a quotation mark stands where none may: put the whole field in quotation marks, or leave them out'
