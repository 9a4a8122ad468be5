import { expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import { createDailyListings } from '../../../src/pipeline/stocks/listings.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal

test('the list is read once a day from half past seven on, and again at each turn until it is there', async () => {
  const { source } = testSource({ now: at('02:00') })
  let clock = at('02:00')
  let away = false
  const asked: number[] = []
  const counting = {
    series: source.series,
    async listings(signal: AbortSignal) {
      asked.push(clock)
      if (away) throw new RetryableError('away')
      return source.listings(signal)
    },
  }
  const store = await memoryStore()
  const directory = createDirectory('krx')
  const listings = createDailyListings({ source: counting, store, directory, log: silent, now: () => clock })
  const turns = async (until: number) => {
    asked.length = 0
    for (; clock < until; clock += 30 * 60_000) await listings.refreshWhenDue(never)
    return asked
  }
  await listings.refresh(never)
  expect(await turns(at('07:30'))).toEqual([])
  away = true
  expect(await turns(at('09:00'))).toEqual([at('07:30'), at('08:00'), at('08:30')])
  expect(directory.get('038530')).not.toBeNull()
  away = false
  expect(await turns(at('07:30', 1))).toEqual([at('09:00')])
  expect(await turns(at('12:00', 1))).toEqual([at('07:30', 1)])
})
