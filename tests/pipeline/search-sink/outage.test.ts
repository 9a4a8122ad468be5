import { setTimeout as wait } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { needs } from '../../support/needs.ts'
import { startOpenSearch } from '../../support/opensearch.ts'
import { barsOf, keep, NEVER, OPEN, searchNode, stand } from './stand.ts'

vi.setConfig({ testTimeout: 240_000 })

const SYMBOLS = Array.from({ length: 60 }, (_, at) => String(100_000 + at))

needs('java').describe('an outage', () => {
  const held = searchNode()

  test('of a node that is killed in the middle of its work, and again while more is collected, loses nothing', async () => {
    const { node } = held
    const { store, sink, prefix, warnings } = await stand(node.url)
    for (const symbol of SYMBOLS) await keep(store, barsOf(symbol, 390))
    // The bot's schedule calls it so, whatever the node does.
    let isOver = false
    const passes = (async () => {
      while (!isOver) {
        await sink.pass(NEVER)
        await wait(100)
      }
    })()
    await vi.waitUntil(() => sink.status().sent > 4_000, 30_000)
    await node.stop('SIGKILL')
    await vi.waitUntil(() => sink.status().problem !== null, 30_000)
    const sent = sink.status().sent
    expect(sent).toBeLessThan(60 * 390)
    for (const symbol of SYMBOLS) await keep(store, barsOf(symbol, 400))
    expect(sink.status().behindMs).toBeGreaterThan(0)
    await node.start()
    await vi.waitUntil(() => sink.status().behindMs === 0, 60_000)
    isOver = true
    await passes
    expect(await node.count(`${prefix}-*`)).toBe(60 * 400)
    expect(await store.unsent.count()).toBe(0)
    const said = warnings.map((line) => line.split(':')[0])
    expect(said).toEqual([
      'nothing is sent to the search node; documents wait in the database',
      'documents are sent to the search node again',
    ])
  })

  test('of a node that comes back empty makes the mapping again before its documents', async () => {
    const { store, sink, prefix } = await stand(held.node.url)
    await keep(store, barsOf('038530', 10))
    await sink.pass(NEVER)
    await held.node.ask('DELETE', `/${prefix}-bars-2026.11.30`)
    for (const kind of ['bars', 'signals']) await held.node.ask('DELETE', `/_index_template/${prefix}-${kind}`)
    await held.node.stop('SIGKILL')
    await keep(store, barsOf('038530', 20))
    await sink.pass(NEVER)
    expect(sink.status().problem).not.toBeNull()
    await held.node.start()
    await sink.pass(NEVER)
    const { [`${prefix}-bars-2026.11.30`]: index } = await held.node.ask('GET', `/${prefix}-bars-2026.11.30/_mapping`)
    expect(index.mappings.dynamic).toBe('strict')
    expect(await held.node.count(`${prefix}-*`)).toBe(10)
  })

  test('of the sink itself, stopped between sending and noting it, sends again and counts once', async () => {
    const { node } = held
    const { store, sink, prefix } = await stand(node.url)
    for (const symbol of SYMBOLS) await keep(store, barsOf(symbol, 390))
    for (const after of [1, 30, 120, 400]) {
      const stop = AbortSignal.timeout(after)
      await sink.pass(stop)
    }
    await sink.pass(NEVER)
    expect(await node.count(`${prefix}-*`)).toBe(60 * 390)
    expect(await store.unsent.count()).toBe(0)
  })
})

needs('java').test('a busy node that rejects requests and documents gets all of them in the end', async () => {
  // Both kinds of refusal with 429: a request over the memory for indexing, and a document over the queue for writing.
  const node = await startOpenSearch(
    ...['indexing_pressure.memory.limit=120kb', 'thread_pool.write.size=1', 'thread_pool.write.queue_size=1'],
  )
  let isOver = false
  let rejected = 0
  const load = Array.from({ length: 3 }, async (_, nr) => {
    const body = Array.from({ length: 40 }, (_, at) => `{"index":{"_id":"${nr}-${at}"}}\n{"a":${at}}\n`).join('')
    while (!isOver) {
      const headers = { 'content-type': 'application/x-ndjson' }
      const answer = await fetch(`${node.url}/other/_bulk`, { method: 'POST', headers, body })
      if ((await answer.text()).includes('"status":429')) rejected++
    }
  })
  try {
    const { store, sink, prefix } = await stand(node.url)
    for (const symbol of SYMBOLS.slice(0, 4)) await keep(store, barsOf(symbol, 390, OPEN))
    await vi.waitUntil(() => rejected > 5, 60_000)
    await vi.waitUntil(
      async () => {
        await sink.pass(NEVER)
        return sink.status().behindMs === 0
      },
      { timeout: 120_000, interval: 100 },
    )
    isOver = true
    await Promise.all(load)
    expect(sink.status()).toMatchObject({ sent: 1_560, deadLetters: 0, problem: null })
    expect(await node.count(`${prefix}-*`)).toBe(1_560)
  } finally {
    isOver = true
    await Promise.allSettled(load)
    await node.remove()
  }
})
