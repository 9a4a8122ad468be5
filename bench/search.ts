/**
 * Bars into a search node: `npm run bench -- search`. The sink reads them from an SQLite store and sends them; beside
 * it stands what others do with the same bars in memory. The node is a throw-away OpenSearch on this machine with a
 * heap of 256 MB, so both share its cores. Medians of rounds, each into indices of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@opensearch-project/opensearch'
import { type Bar, MINUTE } from '../src/model/time/bar.ts'
import { barDocument } from '../src/pipeline/search-sink/documents.ts'
import { openSearchSink } from '../src/pipeline/search-sink/sink.ts'
import { templates } from '../src/pipeline/search-sink/templates.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { type SearchNode, startOpenSearch } from '../tests/support/opensearch.ts'
import { type Figure, printFigures } from './figures.ts'

const SYMBOLS = 2_800
const MINUTES = 36
const ROUNDS = 5
/** One by one is slow: its rounds are short. */
const SINGLES = 2_000
const OPEN = Date.UTC(2026, 10, 30)
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const barsOf = (symbol: string): Bar[] =>
  Array.from({ length: MINUTES }, (_, at) => {
    const close = 10_000 + ((at * 37) % 211)
    return {
      ...{ series: 'kiwoom', symbol, openTime: OPEN + at * MINUTE, receivedAt: OPEN + (at + 1) * MINUTE + 412 },
      ...{ open: close - 10, high: close + 30, low: close - 40, close, volume: (at * 7_919) % 100_003 },
    }
  })

/** @param rounds - measured rounds of each way */
export const searchFigures = async (rounds = ROUNDS): Promise<Figure[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-search-'))
  // Its small heap is nearly full between two collections; it would then refuse what the client's helper never repeats.
  const node = await startOpenSearch('indices.breaker.total.use_real_memory=false')
  const client = new Client({ node: node.url })
  const store = await openStore(`sqlite:${join(folder, 'store.db')}`, { log: silent })
  try {
    const bars: Bar[] = []
    for (let nr = 0; nr < SYMBOLS; nr++) {
      const made = barsOf(String(100_000 + nr))
      await store.bars.save('kiwoom', made[0]!.symbol, made, { from: OPEN, to: OPEN + MINUTES * MINUTE })
      bars.push(...made)
    }
    const sink = async (prefix: string): Promise<number> => {
      const deadLetterFile = join(folder, 'refused.ndjson')
      const settings = { url: node.url, username: undefined, password: undefined, prefix }
      const opened = await openSearchSink({ settings, store, deadLetterFile, log: silent, now: Date.now })
      await opened.pass(new AbortController().signal)
      await opened.close()
      return bars.length
    }
    const helper = async (prefix: string): Promise<number> => {
      const onDocument = (bar: Bar) => {
        const { index, id } = barDocument(prefix, bar)
        return { index: { _index: index, _id: id } }
      }
      const onDrop = ({ error }: { error: unknown }) => {
        throw new Error(`dropped: ${JSON.stringify(error)}`)
      }
      const documents = bars.map((bar) => ({ ...bar, ...JSON.parse(barDocument(prefix, bar).source) }))
      const plain = documents.map(({ openTime: _, receivedAt: __, ...document }) => document)
      let at = 0
      await client.helpers.bulk({
        datasource: plain,
        onDocument: () => onDocument(bars[at++]!) as never,
        onDrop: onDrop as never,
        concurrency: 1,
        flushBytes: 600_000, // as large as the sink's requests
      })
      return bars.length
    }
    const singles = async (prefix: string): Promise<number> => {
      for (const bar of bars.slice(0, SINGLES)) {
        const { index, id, source } = barDocument(prefix, bar)
        await client.index({ index, id, body: JSON.parse(source) })
      }
      return SINGLES
    }
    const ways = Object.entries({
      'the sink, from the store': sink,
      "the client's bulk helper, from memory": helper,
      'one by one, from memory': singles,
    }).map(([name, way]) => ({ name, way, rates: [] as number[] }))
    // By turns, after one round that only warms both programs up.
    for (let round = 0; round <= rounds; round++)
      for (const [nr, { way, rates }] of ways.entries()) {
        const rate = await rateOf(node, way, `bench-${nr}-${round}`)
        if (round > 0) rates.push(rate)
      }
    const [ours, ...beside] = ways.map(({ name, rates }) => ({ name, values: rates }))
    const what = `${bars.length.toLocaleString('en')} bars into OpenSearch: ${ours!.name}`
    return [{ what, unit: 'bars/s', values: ours!.values, goal: { atLeast: 10_000 }, beside }]
  } finally {
    await client.close()
    await store.close()
    await node.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Documents a second. @throws {Error} if the node does not hold each of them afterwards */
const rateOf = async (node: SearchNode, way: (prefix: string) => Promise<number>, prefix: string): Promise<number> => {
  for (const [name, template] of Object.entries(templates(prefix)))
    await node.ask('PUT', `/_index_template/${name}`, template)
  const start = performance.now()
  const sent = await way(prefix)
  const seconds = (performance.now() - start) / 1_000
  const counted = await node.count(`${prefix}-*`)
  if (counted !== sent) throw new Error(`${counted} documents counted, ${sent} sent`)
  await node.ask('DELETE', `/${prefix}-bars-2026.11.30`)
  return sent / seconds
}

export const benchSearch = async (): Promise<void> => printFigures(await searchFigures())

if (import.meta.main) await benchSearch()
