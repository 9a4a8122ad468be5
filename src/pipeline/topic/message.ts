import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'

/** Version of the messages that collectors write. A reader passes over those of a later one. */
const SCHEMA = 1

/**
 * One message of a collector: the answer of its source about a stretch of one symbol's minutes, which is in the store
 * already. It holds one bar, or none if nothing was traded in the stretch.
 */
export interface Piece {
  readonly series: string
  readonly symbol: string
  /** Follows on the stretch of the symbol's message before. */
  readonly covered: Interval
  readonly bar: Bar | null
  /**
   * Start of the oldest bar before the stretch that is new or has changed, or null: from there all is judged anew. The
   * stretch's own start if its stock's history goes further back than before.
   */
  readonly again: number | null
}

/** A message as the client takes and gives it. */
export interface RawMessage {
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: ReadonlyMap<string, string>
}

/** The message of a piece: key, JSON and headers as `docs/kafka.md` describes them. */
export const toMessage = ({ series, symbol, covered, bar, again }: Piece): RawMessage => ({
  key: Buffer.from(symbol),
  value: Buffer.from(JSON.stringify(bar ? barJson(bar) : { symbol, until: iso(covered.to) })),
  headers: new Map([
    ['schema', String(SCHEMA)],
    ['series', series],
    ['from', String(covered.from)],
    ['until', String(covered.to)],
    ...(again === null ? [] : [['again', String(again)] as const]),
  ]),
})

const barJson = ({ symbol, openTime, open, high, low, close, volume, receivedAt }: Bar) => ({
  symbol,
  time: iso(openTime),
  open,
  high,
  low,
  close,
  volume,
  received: iso(receivedAt),
})

const iso = (time: number): string => new Date(time).toISOString()

/** True for a message that a collector wrote, of whatever version. */
export const isOurs = ({ headers }: RawMessage): boolean => headers.has('schema')

/** Reads a collector's message. @returns the piece, or a sentence that says why it cannot be read */
export const fromMessage = ({ value, headers }: RawMessage): Piece | string => {
  if (headers.get('schema') !== String(SCHEMA))
    return `a message has schema ${headers.get('schema')}, and this version reads schema ${SCHEMA}: start the same version everywhere`
  const number = (name: string) => (headers.has(name) ? Number(headers.get(name)) : Number.NaN)
  const [from, to, series] = [number('from'), number('until'), headers.get('series')]
  const json = parsed(value)
  const symbol = json?.symbol
  if (series === undefined || typeof symbol !== 'string' || !Number.isSafeInteger(from) || !Number.isSafeInteger(to))
    return 'a message has the headers of a collector and lacks one of series, from, until and symbol'
  const again = headers.has('again') ? number('again') : null
  const bar = json !== null && 'open' in json ? barOf(series, symbol, json) : null
  return { series, symbol, covered: { from, to }, bar, again }
}

const barOf = (series: string, symbol: string, json: Record<string, unknown>): Bar => ({
  series,
  symbol,
  openTime: Date.parse(String(json.time)),
  open: Number(json.open),
  high: Number(json.high),
  low: Number(json.low),
  close: Number(json.close),
  volume: Number(json.volume),
  receivedAt: Date.parse(String(json.received)),
})

/** The JSON object of a value, or null. */
export const parsed = (value: Buffer): Record<string, unknown> | null => {
  try {
    const json: unknown = JSON.parse(value.toString())
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null
  } catch {
    return null
  }
}
