import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import type { PeerTick } from '../../../support/kiwoom-peer.ts'
import { closeAll, market, OPEN, type Setup, setup, until } from './setup.ts'

afterEach(closeAll)

const minute = (index: number) => OPEN + index * MINUTE

const expectTruth = async (s: Setup, from: number, to: number) => {
  for (const [symbol, bars] of await s.collect(from, to)) expect(bars, symbol).toEqual(s.truth(symbol, from, to))
}

describe('minutes from ticks', () => {
  test('a happy morning is answered from ticks alone, and equals the chart to the share', async () => {
    const s = await setup({ stocks: market(6), at: OPEN - 5 * MINUTE, busy: true })
    await s.live()
    await expectTruth(s, OPEN, minute(15))
    expect(s.chartCalls()).toBe(0)
    expect(s.source.live().counts).toMatchObject({ duplicates: 0, late: 0, refused: 0 })
  })

  test('the closing auction is a bar, the ten minutes before it are none', async () => {
    const s = await setup({ stocks: market(2), at: OPEN + 373 * MINUTE })
    await s.live()
    await s.trade(minute(391) + 2_000)
    const close = minute(390)
    for (const symbol of s.symbols)
      expect((await s.fetch(symbol, minute(376), minute(391))).at(-1)).toEqual(s.truth(symbol, close, minute(391))[0])
    expect(await s.fetch(s.symbols[0]!, minute(380), minute(390))).toEqual([])
    // The first tick after a registration in mid-day says nothing of the ticks before it: that costs at most one chart
    // call a stock.
    expect(s.chartCalls()).toBeLessThanOrEqual(2)
  })

  test.for([
    { name: 'five seconds ahead', skewMs: 5_000, noDate: false },
    { name: 'five seconds behind', skewMs: -5_000, noDate: false },
    { name: 'five seconds ahead, and no answer carries a date', skewMs: 5_000, noDate: true },
    { name: 'five seconds behind, and no answer carries a date', skewMs: -5_000, noDate: true },
  ])('with our clock $name no minute is lost or cut in half', async ({ skewMs, noDate }) => {
    const s = await setup({ stocks: market(3), at: OPEN - 5 * MINUTE, skewMs })
    s.peer.faults.noDate = noDate
    await s.live()
    const collected = new Map<number, unknown>()
    const symbol = s.symbols[0]!
    for (let index = 0; index < 6; index++) {
      // Our clock shows two seconds past the minute.
      await s.trade(minute(index + 1) + 2_000 - skewMs)
      for (const bar of await s.fetch(symbol, minute(index), minute(index + 1))) collected.set(bar.openTime, bar)
    }
    expect([...collected.values()]).toEqual(s.truth(symbol, OPEN, minute(6)))
  })

  const hash = ({ dayVolume, time }: PeerTick) => (dayVolume * 31 + time / 1000) % 100

  test('every third trade sent twice changes nothing', async () => {
    const s = await setup({ stocks: market(3), at: OPEN - 5 * MINUTE, busy: true })
    s.peer.faults.tick = (tick) => (hash(tick) < 33 ? [tick, tick] : [tick])
    await s.live()
    await expectTruth(s, OPEN, minute(10))
    expect(s.source.live().counts.duplicates).toBeGreaterThan(10)
    expect(s.chartCalls()).toBe(0)
  })

  test('a lost trade is noticed, and its minute is read from the chart', async () => {
    const s = await setup({ stocks: market(3), at: OPEN - 5 * MINUTE })
    s.peer.faults.tick = (tick) => (hash(tick) < 4 ? [] : [tick])
    await s.live()
    await expectTruth(s, OPEN, minute(20))
    expect(s.chartCalls()).toBeGreaterThan(0)
  })

  test('a trade that comes two trades late finds its place', async () => {
    const s = await setup({ stocks: market(1), at: OPEN - 5 * MINUTE })
    const held: PeerTick[] = []
    s.peer.faults.tick = (tick) => {
      if (hash(tick) < 20 && held.length === 0) {
        held.push(tick)
        return []
      }
      return [tick, ...held.splice(0)]
    }
    await s.live()
    await expectTruth(s, OPEN, minute(12))
    expect(s.source.live().counts.late).toBeGreaterThan(0)
  })

  test('a trade with unreadable numbers sends its minute to the chart', async () => {
    const s = await setup({ stocks: market(1), at: OPEN - 5 * MINUTE })
    const [symbol] = s.symbols
    await s.live()
    await s.trade(minute(1) + 30_000)
    for (const price of ['', '+0', '--123', 'x'])
      s.peer.live.emitRaw('0B', symbol!, { '20': '090130', '10': price, '15': '+5', '13': '99' })
    await until(() => s.source.live().counts.refused === 4)
    await s.trade(minute(2) + 2_000)
    const before = s.chartCalls()
    expect(await s.fetch(symbol!, minute(1), minute(2))).toEqual(s.truth(symbol!, minute(1), minute(2)))
    expect(s.chartCalls()).toBe(before + 1)
    expect(s.lines.filter(({ text }) => text.startsWith('kiwoom trade not understood'))).toHaveLength(1)
  })

  test('shares traded before the open leave the first bar to the chart', async () => {
    const s = await setup({ stocks: market(1), at: OPEN - 15 * MINUTE, busy: true })
    const [symbol] = s.symbols
    await s.live()
    s.peer.live.emit([{ symbol: symbol!, time: s.now(), price: 70_000, size: 500, dayVolume: 500, bought: true }], '1')
    s.peer.faults.tick = (tick) => [{ ...tick, dayVolume: tick.dayVolume + 500 }]
    await s.trade(minute(2) + 2_000)
    expect(await s.fetch(symbol!, OPEN, minute(1))).toEqual(s.truth(symbol!, OPEN, minute(1)))
    expect(s.chartCalls()).toBe(1)
    expect(await s.fetch(symbol!, minute(1), minute(2))).toEqual(s.truth(symbol!, minute(1), minute(2)))
    expect(s.chartCalls()).toBe(1)
  })

  test('a silent feed proves nothing: without a trade for two minutes the chart is asked', async () => {
    const s = await setup({ stocks: market(2), at: OPEN - 5 * MINUTE })
    await s.live()
    await s.trade(minute(2))
    // The registrations are lost, but the pings go on.
    s.peer.faults.tick = () => []
    await s.trade(minute(6))
    const pinging = setInterval(() => s.peer.live.ping(), 2)
    for (const symbol of s.symbols)
      expect(await s.fetch(symbol, minute(5), minute(6))).toEqual(s.truth(symbol, minute(5), minute(6)))
    clearInterval(pinging)
    expect(s.chartCalls()).toBe(2)
  })

  test('one stock that the feed brings no more, while others trade, is read from the chart', async () => {
    const s = await setup({ stocks: market(2), at: OPEN - 5 * MINUTE, busy: true })
    const [lost] = s.symbols
    s.peer.faults.tick = (tick) => (tick.symbol === lost && tick.time > minute(3) ? [] : [tick])
    await s.live()
    await expectTruth(s, OPEN, minute(15))
    expect(s.lines.filter(({ text }) => text.startsWith('kiwoom live does not bring the stock'))).toMatchObject([
      { fields: { symbol: lost } },
    ])
  })

  test('a stock that really has no trades is asked about now and then, and stays with the feed', async () => {
    const still = {
      ...market(1)[0]!,
      bars: market(1)[0]!.bars.filter(({ openTime }) => openTime < minute(2) || openTime > minute(15)),
    }
    const s = await setup({ stocks: [still], at: OPEN - 5 * MINUTE, busy: true })
    await s.live()
    await expectTruth(s, OPEN, minute(20))
    expect(s.chartCalls()).toBe(2) // one call in five of the thirteen minutes
    expect(s.lines.filter(({ level }) => level === 'warn')).toEqual([])
  })

  test('the only trade of a thin stock that is lost is found when it trades again, long after', async () => {
    const [whole] = market(1)
    const traded = [0, 1, 6, 12, 13].map(minute)
    const thin = { ...whole!, bars: whole!.bars.filter(({ openTime }) => openTime < OPEN || traded.includes(openTime)) }
    const s = await setup({
      stocks: [thin],
      at: OPEN - 5 * MINUTE,
      busy: true,
      timings: { stockQuietMs: Number.MAX_SAFE_INTEGER },
    })
    s.peer.faults.tick = (tick) =>
      tick.symbol === thin.symbol && tick.time >= minute(6) && tick.time < minute(7) ? [] : [tick]
    await s.live()
    await expectTruth(s, OPEN, minute(16))
  })

  test.for(['a ping', 'a trade'])(
    'after a line that stalled over the end of a minute, %s that comes first proves nothing',
    async (first) => {
      const s = await setup({ stocks: market(3), at: OPEN - 5 * MINUTE })
      const [symbol] = s.symbols
      await s.live()
      await s.trade(minute(2) + 30_000)
      const held = s.peer.ticks(s.now(), minute(3) + 2_000)
      s.peer.faults.tick = () => []
      s.advance(minute(3) + 2_000)
      s.peer.faults.tick = null
      const { ticks } = s.source.live().counts
      const { pongs } = s.peer.live.counts
      if (first === 'a ping') s.peer.live.ping()
      else s.peer.live.emit(held.slice(0, 1))
      await until(() => s.source.live().counts.ticks + s.peer.live.counts.pongs > ticks + pongs)
      s.peer.faults.tick = () => []
      expect(await s.fetch(symbol!, minute(2), minute(3))).toEqual(s.truth(symbol!, minute(2), minute(3)))
      expect(s.chartCalls()).toBe(1)
    },
  )

  test.for([3_000, 8_000, 20_000])(
    'a clock that is set forward by %i ms in mid-minute closes no minute early',
    async (step) => {
      const s = await setup({ stocks: market(3), at: OPEN - 5 * MINUTE, busy: true })
      const [symbol] = s.symbols
      await s.live()
      await s.trade(minute(3) + 1_000 - step)
      s.skew.ms = step
      expect(await s.fetch(symbol!, minute(2), minute(3))).toEqual(s.truth(symbol!, minute(2), minute(3)))
      expect(s.now()).toBeGreaterThanOrEqual(minute(3))
    },
  )

  test('running volumes that go two ways leave the minutes to the chart', async () => {
    const s = await setup({ stocks: market(2), at: OPEN - 5 * MINUTE, source: { market: 'AL' } })
    const [symbol] = s.symbols
    const volumes = [0, 0]
    let trades = 0
    s.peer.faults.tick = (tick) => {
      if (tick.symbol !== symbol) return [tick]
      const exchange = trades++ % 2
      volumes[exchange] = volumes[exchange]! + tick.size
      return [{ ...tick, dayVolume: volumes[exchange]! }]
    }
    await s.live()
    await expectTruth(s, OPEN, minute(10))
  })
})
