import { expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { openBarsMarket } from '../../../src/market.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createNoticeBoard } from '../../../src/pipeline/feed/notice-board.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
const SYMBOL = '990350'

/** A collector's feed watch after an outage that channels of two guilds are to hear of, and boards of their owners. */
const setUp = async () => {
  const store = await memoryStore()
  const { source, state } = testSource({ now: at('10:00'), historySessions: 1 })
  const directory = createDirectory('krx')
  const { pipeline, feed } = await openBarsMarket({ source, store, directory, log: silent, now: () => state.now })
  for (const guildId of ['even', 'odd'])
    await pipeline.watching.watch({ symbol: SYMBOL, guildId, channelId: `in ${guildId}`, userId: null }, () => {})
  const minutes = async (count: number) => {
    for (let nth = 0; nth < count; nth++) {
      state.now += MINUTE
      await pipeline.collectAndDetect(never)
      await feed.pass(never)
    }
  }
  await minutes(3)
  state.fail = new RetryableError('away')
  await minutes(8)
  const board = (owner: string) =>
    createNoticeBoard({
      ...{ source, directory, keyValues: store.keyValues, owner },
      owns: (guildId) => guildId === owner,
    })
  const channelsOf = async (owner: string, on = board(owner)) =>
    (await on.owed()).map(({ channelId, kind }) => `${channelId}: ${kind}`)
  return { store, state, feed, minutes, board, channelsOf }
}

test('an owner is shown the notices to its own channels, as the feed watch would show them', async () => {
  const { feed, board, channelsOf } = await setUp()
  expect(await channelsOf('even')).toEqual(['in even: unanswered'])
  expect(await channelsOf('odd')).toEqual(['in odd: unanswered'])
  expect(await channelsOf('another')).toEqual([])
  expect([...(await board('even').owed()), ...(await board('odd').owed())]).toEqual(await feed.owed())
})

test('a notice that its owner has finished with is not shown again, after a restart neither', async () => {
  const { board, channelsOf } = await setUp()
  const even = board('even')
  const [notice] = await even.owed()
  await even.finished(notice?.id ?? '')
  expect(await even.owed()).toEqual([])
  expect(await channelsOf('even')).toEqual([])
  expect(await channelsOf('odd')).toEqual(['in odd: unanswered'])
})

test('the feed watch forgets what the owners have finished with, and no more', async () => {
  const { feed, board, minutes } = await setUp()
  const even = board('even')
  const [notice] = await even.owed()
  await even.finished(notice?.id ?? '')
  await minutes(1)
  expect((await feed.owed()).map(({ channelId }) => channelId)).toEqual(['in odd'])
  expect((await board('odd').owed()).length).toBe(1)
})

test('what is no longer owed is no longer remembered as finished', async () => {
  const { store, state, board, minutes } = await setUp()
  const even = board('even')
  const [silence] = await even.owed()
  await even.finished(silence?.id ?? '')
  state.fail = null
  await minutes(12)
  const [back] = await even.owed()
  expect(back?.kind).toBe('back')
  await even.finished(back?.id ?? '')
  const kept = [...(await store.keyValues.beginning('feed-finished:')).values()].flatMap((text) => JSON.parse(text))
  expect(kept).toEqual([back?.id])
})

test('before the first pass of a feed watch nothing is owed', async () => {
  const store = await memoryStore()
  const { source } = testSource({ now: at('10:00') })
  const board = createNoticeBoard({
    ...{ source, directory: createDirectory('krx'), keyValues: store.keyValues, owner: 'even', owns: () => true },
  })
  expect(await board.owed()).toEqual([])
})
