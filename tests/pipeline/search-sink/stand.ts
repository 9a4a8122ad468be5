/** A store, a sink and a search node, for the tests of the sink. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Log } from '../../../src/log.ts'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import type { SearchSettings } from '../../../src/pipeline/search-sink/node.ts'
import { openSearchSink, type SearchSink } from '../../../src/pipeline/search-sink/sink.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { type SearchNode, startOpenSearch } from '../../support/opensearch.ts'

/** 9 o'clock in Korea on Monday, 30 November 2026. */
export const OPEN = Date.UTC(2026, 10, 30)
export const NEVER = new AbortController().signal

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** A node of the test file's own, removed at its end. */
export const searchNode = (...settings: string[]): { readonly node: SearchNode } => {
  const holder = { node: null as unknown as SearchNode }
  beforeAll(async () => {
    holder.node = await startOpenSearch(...settings)
  }, 600_000)
  afterAll(() => holder.node?.remove())
  return holder
}

let prefixes = 0
export interface Stand {
  readonly store: Store
  readonly sink: SearchSink
  readonly prefix: string
  readonly deadLetterFile: string
  /** The sentences of warnings, with their problem or place. */
  readonly warnings: readonly string[]
}

/** A store and a sink of one test, with indices of their own. */
export const stand = async (
  url: string,
  more: Partial<SearchSettings> & { deadLetterFile?: string } = {},
): Promise<Stand> => {
  const folder = mkdtempSync(join(tmpdir(), 'search-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = await openStore(`sqlite:${join(folder, 'store.db')}`, { log: silent })
  const { deadLetterFile = join(folder, 'refused.ndjson'), ...settings } = more
  const prefix = `test${process.pid}-${++prefixes}`
  const warnings: string[] = []
  const log: Log = {
    ...silent,
    warn: (fields: object, text?: string) => void warnings.push(`${text}: ${Object.values(fields).join(' ')}`),
  } as Log
  const sink = await openSearchSink({
    settings: { url, username: undefined, password: undefined, prefix, ...settings },
    ...{ store, deadLetterFile, log, now: Date.now },
  })
  onTestFinished(async () => {
    await sink.close()
    await store.close()
  })
  return { store, sink, prefix, deadLetterFile, warnings }
}

/** Bars of as many minutes from `from` on, of one stock. */
export const barsOf = (symbol: string, count: number, from = OPEN): Bar[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ series: 'kiwoom', symbol, openTime: from + at * MINUTE, receivedAt: from + (at + 1) * MINUTE + 300 },
    ...{ open: 1000, high: 1010.5, low: 990, close: 1000 + (at % 7), volume: at },
  }))

/** Stores bars as one piece of the symbol's history. */
export const keep = async (store: Store, bars: readonly Bar[]): Promise<void> => {
  const [first, last] = [bars[0]!, bars.at(-1)!]
  await store.bars.save(first.series, first.symbol, bars, { from: first.openTime, to: last.openTime + MINUTE })
}
