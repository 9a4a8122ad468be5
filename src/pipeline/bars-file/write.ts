import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { SetupError } from '../../errors.ts'
import { type Bar, MINUTE } from '../../model/time/bar.ts'
import { COLUMNS } from './form.ts'

type Bars = Iterable<Bar> | AsyncIterable<Bar>

/** The number of lines in one piece, so that a year is not a hundred thousand small writes. */
const LINES_PER_PIECE = 1_000

/**
 * Writes bars as CSV text, in the order in which they come; `readBarsCsv` reads them back to the last digit.
 *
 * @param utcOffsetMinutes - offset of the market's clock: 540 writes `…+09:00`, 0 writes `…Z`
 */
export async function* barsCsv(bars: Bars, utcOffsetMinutes: number): AsyncGenerator<string> {
  const time = timeWriter(utcOffsetMinutes)
  let piece = [COLUMNS.join(',')]
  for await (const { symbol, openTime, open, high, low, close, volume } of bars) {
    piece.push(`${symbol},${time(openTime)},${open},${high},${low},${close},${volume}`)
    if (piece.length < LINES_PER_PIECE) continue
    yield `${piece.join('\n')}\n`
    piece = []
  }
  if (piece.length > 0) yield `${piece.join('\n')}\n`
}

/**
 * Writes the file whole or not at all: it is written beside its place and then moved there. A file whose name ends in
 * `.gz` is packed.
 */
export const writeBarsCsv = async (path: string, bars: Bars, utcOffsetMinutes: number): Promise<void> => {
  const half = `${path}.${randomUUID().slice(0, 8)}.part`
  const text = Readable.from(barsCsv(bars, utcOffsetMinutes))
  const file = createWriteStream(half, { flags: 'wx' })
  try {
    await (path.toLowerCase().endsWith('.gz') ? pipeline(text, createGzip(), file) : pipeline(text, file))
    await rename(half, path)
  } catch (cause) {
    await rm(half, { force: true })
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw cause
    throw new SetupError(
      `${path} cannot be written (${code}): name a file in a folder that exists and may be written`,
      { cause },
    )
  }
}

const timeWriter = (utcOffsetMinutes: number): ((time: number) => string) => {
  if (utcOffsetMinutes === 0) return (time) => new Date(time).toISOString().replace('.000Z', 'Z')
  const size = Math.abs(utcOffsetMinutes)
  const suffix = `${utcOffsetMinutes < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}:${two(size % 60)}`
  return (time) => new Date(time + utcOffsetMinutes * MINUTE).toISOString().replace('.000Z', suffix)
}

const two = (number: number): string => String(number).padStart(2, '0')
