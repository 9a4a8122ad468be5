import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { DAY, MINUTE } from '../../../src/model/time/bar.ts'
import type { SignalRecord } from '../../../src/pipeline/store/records.ts'
import { DEAD_PORT } from '../../support/dead-port.ts'
import { needs } from '../../support/needs.ts'
import { barsOf, keep, NEVER, OPEN, searchNode, stand } from './stand.ts'

vi.setConfig({ testTimeout: 180_000 })

const JUDGEMENT = {
  ...{
    state: 'judged',
    openTime: OPEN,
    modelId: 'm',
    cluster: 3,
    abnormal: true,
    score: 7.5,
    horizon: 15,
    clusters: 4,
  },
  severity: { rank: 2, of: 7_620 },
  features: { surge: 31.5 },
  why: {
    ...{ horizon: 15, direction: 'up', reference: 1000, gap: false, movePercent: 8.4, typicalMovePercent: 0.4 },
    ...{ volume: 4_400, typicalVolume: 100, volumeMultiple: 44, turnover: 4_400_000, typicalTurnover: 100_000 },
    ...{ drivers: { price: 0.6, volume: 0.4 }, baselineMinutes: 7_620, timeOfDay: true },
  },
}
const signalAt = (openTime: number, modelId = 'm'): SignalRecord => ({
  ...{ series: 'kiwoom', symbol: '038530', openTime, modelId, score: 7.5, rank: 2, of: 7_620, late: false },
  ...{ judgement: JSON.stringify(JUDGEMENT), episodeId: 'e' },
})
const stepWith = (signals: readonly SignalRecord[]) => ({
  ...{ series: 'kiwoom', symbol: '038530', judgedUntil: OPEN + DAY, signals, episodes: [], posts: [], touched: [] },
})

needs('java').describe('a real OpenSearch', () => {
  const held = searchNode()

  test('gets every bar and signal in daily indices of the Korean date, whose mapping was there before', async () => {
    const { node } = held
    const { store, sink, prefix } = await stand(node.url)
    await keep(store, barsOf('038530', 16 * 60)) // over the Korean midnight
    await keep(store, barsOf('005930', 10))
    await store.signals.commit(stepWith([signalAt(OPEN), signalAt(OPEN, 'other')]))
    await sink.pass(NEVER)
    expect(await node.count(`${prefix}-bars-2026.11.30`)).toBe(15 * 60 + 10)
    expect(await node.count(`${prefix}-bars-2026.12.01`)).toBe(60)
    expect(await node.count(`${prefix}-signals-2026.11.30`)).toBe(2)
    expect(sink.status()).toEqual({ sent: 16 * 60 + 12, deadLetters: 0, behindMs: 0, problem: null })

    const mapping = await node.ask('GET', `/${prefix}-bars-2026.11.30/_mapping`)
    expect(mapping[`${prefix}-bars-2026.11.30`].mappings).toMatchObject({
      dynamic: 'strict',
      properties: { close: { type: 'double' }, symbol: { type: 'keyword' }, '@timestamp': { type: 'date' } },
    })
    const bar = await node.ask('GET', `/${prefix}-bars-2026.11.30/_doc/${encodeURIComponent(`kiwoom|038530|${OPEN}`)}`)
    expect(bar._source).toEqual({
      ...{ '@timestamp': OPEN, series: 'kiwoom', symbol: '038530', received_at: OPEN + MINUTE + 300 },
      ...{ open: 1000, high: 1010.5, low: 990, close: 1000, volume: 0 },
    })
    const strong = await node.ask('GET', `/${prefix}-signals-*/_search?q=volume_multiple:>40%20AND%20model:m`)
    expect(strong.hits.hits.map(({ _source }: { _source: object }) => _source)).toEqual([
      {
        ...{ '@timestamp': OPEN, series: 'kiwoom', symbol: '038530', model: 'm', episode: 'e' },
        ...{ score: 7.5, rank: 2, of: 7_620, late: false, horizon: 15, cluster: 3, direction: 'up' },
        ...{ move_percent: 8.4, typical_move_percent: 0.4, volume: 4_400, typical_volume: 100 },
        ...{ volume_multiple: 44, turnover: 4_400_000, judgement: JUDGEMENT },
      },
    ])
  })

  test('answers what the saved dashboard asks', async () => {
    const { node } = held
    const { store, sink } = await stand(node.url, { prefix: 'kiwoom' })
    await keep(store, barsOf('038530', 30))
    await store.signals.commit(stepWith([signalAt(OPEN), signalAt(OPEN, 'other')]))
    await sink.pass(NEVER)
    await node.ask('POST', '/kiwoom-*/_refresh')
    const asked = dashboardQueries()
    expect(asked.length).toBeGreaterThan(5)
    for (const { title, indices, body } of asked) {
      const { hits, _shards } = await node.ask('POST', `/${indices}/_search`, body)
      expect([title, _shards.failed, hits.total.value]).toEqual([title, 0, indices === 'kiwoom-bars-*' ? 30 : 2])
    }
  })

  test('holds each bar once however often it is sent, and a corrected one as it was corrected', async () => {
    const { node } = held
    const { store, sink, prefix } = await stand(node.url)
    const bars = barsOf('038530', 100)
    await keep(store, bars)
    await sink.pass(NEVER)
    await store.unsent.follow('everything again')
    await sink.pass(NEVER)
    expect(sink.status().sent).toBe(200)
    expect(await node.count(`${prefix}-*`)).toBe(100)
    await keep(store, [{ ...bars[7]!, close: 1009.5 }])
    await sink.pass(NEVER)
    expect(sink.status().sent).toBe(201)
    expect(await node.count(`${prefix}-*`)).toBe(100)
    const id = encodeURIComponent(`kiwoom|038530|${bars[7]!.openTime}`)
    expect((await node.ask('GET', `/${prefix}-bars-2026.11.30/_doc/${id}`))._source.close).toBe(1009.5)
  })

  test('that refuses a document for good leaves it in the file, and takes all others', async () => {
    const { node } = held
    const { store, sink, prefix, deadLetterFile, warnings } = await stand(node.url)
    // Somebody made the index before us, and holds that a symbol is a number.
    await node.ask('PUT', `/${prefix}-bars-2026.11.30`, { mappings: { properties: { symbol: { type: 'integer' } } } })
    await keep(store, barsOf('038530', 50))
    await keep(store, barsOf('0001A0', 3))
    writeFileSync(deadLetterFile, '{"half a line') // of a process that was killed
    await sink.pass(NEVER)
    expect(await node.count(`${prefix}-*`)).toBe(50)
    expect(sink.status()).toEqual({ sent: 50, deadLetters: 3, behindMs: 0, problem: null })
    expect(await store.unsent.count()).toBe(0)
    const [half, ...letters] = readFileSync(deadLetterFile, 'utf8').trimEnd().split('\n')
    expect(half).toBe('{"half a line')
    expect(letters.map((line) => JSON.parse(line))).toMatchObject(
      [0, 1, 2].map((at) => ({
        index: `${prefix}-bars-2026.11.30`,
        id: `kiwoom|0001A0|${OPEN + at * MINUTE}`,
        reason: expect.stringContaining('mapper_parsing_exception: failed to parse field [symbol]'),
        document: { symbol: '0001A0', '@timestamp': OPEN + at * MINUTE },
      })),
    )
    expect(warnings).toEqual([expect.stringMatching(/^the search node refused documents; they are in the file: 3 /)])
  })

  test('loses no refused document when the file cannot be written', async () => {
    const { node } = held
    const occupied = `${(await stand(node.url)).deadLetterFile}.d`
    const { store, sink, prefix, deadLetterFile } = await stand(node.url, { deadLetterFile: `${occupied}/refused` })
    await node.ask('PUT', `/${prefix}-bars-2026.11.30`, { mappings: { properties: { symbol: { type: 'integer' } } } })
    await keep(store, barsOf('0001A0', 3))
    mkdirSync(dirname(occupied), { recursive: true })
    writeFileSync(occupied, 'a file where a folder is wanted')
    await sink.pass(NEVER)
    expect(sink.status().problem).toBe(
      `${deadLetterFile}, for documents that the search node refuses, cannot be written (EEXIST): let this user write there. They wait in the database.`,
    )
    expect(await store.unsent.count()).toBe(1)
    expect(existsSync(deadLetterFile)).toBe(false)
  })

  test('whose disk is full or that may hold no more indices is waited for, and nothing is thrown away', async () => {
    const { node } = held
    const { store, sink, prefix } = await stand(node.url)
    await keep(store, barsOf('038530', 10))
    await sink.pass(NEVER)
    const block = (on: boolean | null) =>
      node.ask('PUT', `/${prefix}-*/_settings`, { 'index.blocks.read_only_allow_delete': on })
    await block(true)
    await keep(store, barsOf('038530', 20))
    await sink.pass(NEVER)
    expect(sink.status()).toMatchObject({ sent: 10, deadLetters: 0, problem: expect.stringContaining('are read-only') })
    await block(null)

    const shards = (most: number | null) =>
      node.ask('PUT', '/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': most } })
    await shards(1)
    await keep(store, barsOf('038530', 1_000))
    await sink.pass(NEVER)
    expect(sink.status()).toMatchObject({
      deadLetters: 0,
      problem: expect.stringMatching(
        /may hold no further index .* delete old ones, or raise cluster.max_shards_per_node/,
      ),
    })
    await shards(null)
    await sink.pass(NEVER)
    expect(sink.status()).toMatchObject({ deadLetters: 0, behindMs: 0, problem: null })
    expect(await node.count(`${prefix}-*`)).toBe(1_000)
  })

  test('behind a wrong password says so without the password, and works with the right one', async () => {
    const { node } = held
    const { port } = await guard(node.url, 'minutewatch:right')
    const wrong = await stand(`http://127.0.0.1:${port}`, { username: 'minutewatch', password: 'wr0ng-s3cret' })
    await keep(wrong.store, barsOf('038530', 5))
    await wrong.sink.pass(NEVER)
    expect(wrong.warnings).toEqual([
      `nothing is sent to the search node; documents wait in the database: ELASTICSEARCH_URL names http://127.0.0.1:${port}, which refuses user and password: mend ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD.`,
    ])
    const right = await stand(`http://127.0.0.1:${port}`, { username: 'minutewatch', password: 'right' })
    await keep(right.store, barsOf('038530', 5))
    await right.sink.pass(NEVER)
    expect(await node.count(`${right.prefix}-*`)).toBe(5)
  })
})

test('where nobody answers, and where somebody else does, the address is to be mended', async () => {
  const dead = await stand(`http://127.0.0.1:${DEAD_PORT}`)
  await keep(dead.store, barsOf('038530', 5))
  await dead.sink.pass(NEVER)
  await dead.sink.pass(NEVER)
  expect(dead.warnings).toEqual([
    `nothing is sent to the search node; documents wait in the database: ELASTICSEARCH_URL names http://127.0.0.1:${DEAD_PORT}, where no search node answers: start it, or mend the address.`,
  ])
  expect(await dead.store.unsent.count()).toBe(1)

  const other = createServer((_request, response) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<p>no'),
  )
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const wrong = await stand(`http://127.0.0.1:${port}`)
  await keep(wrong.store, barsOf('038530', 5))
  await wrong.sink.pass(NEVER)
  expect(wrong.sink.status().problem).toBe(
    `ELASTICSEARCH_URL names http://127.0.0.1:${port}, which is no Elasticsearch or OpenSearch (status 404): mend the address.`,
  )
})

/** The queries that the visualizations and the list of the saved dashboard come to. */
const dashboardQueries = (): { title: string; indices: string; body: object }[] => {
  interface Aggregation {
    readonly id: string
    readonly type: string
    readonly schema: string
    readonly params: { readonly field: string; readonly size?: number }
  }
  const file = new URL('../../../deploy/dashboards/minutewatch.ndjson', import.meta.url)
  const objects = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const nested = ([first, ...inner]: readonly Aggregation[], metrics: object): object => {
    if (!first) return metrics
    const { field, size } = first.params
    const own = first.type === 'terms' ? { field, size } : { field, fixed_interval: '1m' }
    return { [first.id]: { [first.type]: own, aggs: nested(inner, metrics) } }
  }
  return objects.flatMap(({ type, attributes, references }): { title: string; indices: string; body: object }[] => {
    const indices: string = objects.find(({ id }) => id === references[0]?.id)?.attributes.title
    if (type === 'search') {
      const sort = attributes.sort.map(([field, order]: [string, string]) => ({ [field]: order }))
      return [{ title: attributes.title, indices, body: { sort, docvalue_fields: attributes.columns } }]
    }
    if (type !== 'visualization') return []
    const all: Aggregation[] = JSON.parse(attributes.visState).aggs
    const metrics = all.filter((each) => each.schema === 'metric' && each.type !== 'count')
    const asMetrics = Object.fromEntries(
      metrics.map((each) => [each.id, { [each.type]: { field: each.params.field } }]),
    )
    const buckets = all.filter(({ schema }) => schema !== 'metric')
    return [{ title: attributes.title, indices, body: { size: 0, aggs: nested(buckets, asMetrics) } }]
  })
}

/** Basic authentication in front of a node, as a proxy does it. */
const guard = async (target: string, credentials: string): Promise<{ port: number }> => {
  const expected = `Basic ${Buffer.from(credentials).toString('base64')}`
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="search"' }).end('Unauthorized')
      return
    }
    const body = Buffer.concat(chunks)
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(body.length > 0 ? { body } : {}),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port }
}
