import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MINUTE, type Ohlcv } from '../../../../src/model/time/bar.ts'
import { createTickChain } from '../../../../src/pipeline/sources/kiwoom/live/tick-chain.ts'
import type { Tick } from '../../../../src/pipeline/sources/kiwoom/live/ticks.ts'
import { createServerClock } from '../../../../src/pipeline/sources/kiwoom/rest/server-clock.ts'
import { allTicks, type PeerTick } from '../../../support/kiwoom-peer.ts'
import { market, OPEN } from './setup.ts'

const [stock] = market(1, 1)
const bars = stock!.bars.slice(0, 30)
const ticks = allTicks({ ...stock!, bars })
const wire = ({ time, price, size, dayVolume }: PeerTick): Tick => ({
  time,
  price,
  size,
  dayVolume,
  session: 2,
  exchange: 1,
})

const shown = (chain: ReturnType<typeof createTickChain>, openTime: number): Ohlcv | undefined => {
  const minute = chain.minute(openTime)
  if (!minute) return undefined
  const { open, high, low, close, volume } = minute
  return { openTime, open, high, low, close, volume }
}

test('whatever is lost, repeated or out of order: a minute that is not in doubt equals the true bar', () => {
  const fate = fc.constantFrom('sent', 'sent', 'sent', 'sent', 'lost', 'twice', 'late')
  fc.assert(
    fc.property(fc.array(fate, { minLength: ticks.length, maxLength: ticks.length }), (fates) => {
      const chain = createTickChain({ sharesBeforeOpen: true })
      const held: Tick[] = []
      ticks.forEach((tick, index) => {
        if (fates[index] === 'lost') return
        if (fates[index] === 'late') {
          held.push(wire(tick))
          return
        }
        chain.add(wire(tick), true)
        if (fates[index] === 'twice') chain.add(wire(tick), true)
        for (const late of held.splice(0)) chain.add(late, true)
      })
      const newest = chain.newestMinute()
      for (const bar of bars)
        if (bar.openTime < newest && !chain.inDoubt(bar.openTime)) expect(shown(chain, bar.openTime)).toEqual(bar)
    }),
    { seed: 4, numRuns: 60 },
  )
})

test('nothing lost: nothing in doubt, and a repetition of everything changes nothing', () => {
  const chain = createTickChain({ sharesBeforeOpen: true })
  for (const tick of ticks) expect(chain.add(wire(tick), true)).toBe('added')
  for (const tick of ticks) expect(chain.add(wire(tick), true)).toBe('duplicate')
  for (const bar of bars) {
    expect(chain.inDoubt(bar.openTime)).toBe(false)
    expect(shown(chain, bar.openTime)).toEqual(bar)
  }
})

test('a lost trade puts every minute in doubt in which it may have been', () => {
  const chain = createTickChain({ sharesBeforeOpen: true })
  const at = (minute: number, dayVolume: number): Tick => ({
    time: OPEN + minute * MINUTE,
    price: 100,
    size: 10,
    dayVolume,
    session: 2,
    exchange: 1,
  })
  for (const tick of [at(0, 10), at(1, 20), at(4, 40), at(5, 50)]) chain.add(tick, true)
  expect([0, 1, 2, 3, 4, 5].map((minute) => chain.inDoubt(OPEN + minute * MINUTE))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ])
  expect(chain.add({ ...at(2, 30), time: OPEN + 2 * MINUTE }, true)).toBe('late')
  expect([1, 2, 3, 4].some((minute) => chain.inDoubt(OPEN + minute * MINUTE))).toBe(false)
})

test('the running volume begins anew each day, and yesterday stays known', () => {
  const chain = createTickChain({ sharesBeforeOpen: true })
  const at = (time: number, dayVolume: number): Tick => ({
    time,
    price: 100,
    size: 10,
    dayVolume,
    session: 2,
    exchange: 1,
  })
  const tomorrow = OPEN + 24 * 60 * MINUTE
  for (const tick of [at(OPEN, 10), at(OPEN + MINUTE, 30), at(tomorrow, 10)]) chain.add(tick, true)
  expect(chain.inDoubt(tomorrow)).toBe(false)
  expect(chain.inDoubt(OPEN + MINUTE)).toBe(true)
  expect(chain.minute(tomorrow)?.volume).toBe(10)
})

test('one old trade sent again does not move the clock, five in a row do', () => {
  let now = OPEN
  const clock = createServerClock({ now: () => now, monotonic: () => now, unknownSkewMs: 5_000, skewLimitMs: 30_000 })
  expect([clock.earliest() - now, clock.latest() - now]).toEqual([-5_000, 5_000])
  clock.sample('answer', now, now + 300)
  expect(clock.lead()).toBe(300)
  now += 5 * MINUTE
  clock.sample('trade', now - 20_000, now)
  expect(clock.lead()).toBe(300)
  for (let again = 0; again < 5; again++) clock.sample('trade', now - 20_000, now)
  expect(clock.lead()).toBe(20_000)
  clock.sample('trade', now - 700, now)
  expect(clock.lead()).toBe(700)
})
