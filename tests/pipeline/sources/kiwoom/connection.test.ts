import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { APP_KEY, closeAll, kst, market, OPEN, SECRET_KEY, setup, until } from './setup.ts'

afterEach(closeAll)

const minute = (index: number) => OPEN + index * MINUTE

describe('the live connection', () => {
  test('echoes pings', async () => {
    const s = await setup({ at: OPEN, peer: { pingMs: 3 } })
    await s.live()
    await until(() => s.peer.live.counts.pongs > 2)
  })

  test('cut in the middle of a frame, it comes back, registers again, and the gap is read from the chart', async () => {
    const s = await setup({ stocks: market(3), at: OPEN - 5 * MINUTE, busy: true })
    await s.live()
    const first = await s.collect(OPEN, minute(3))
    await s.trade(minute(3) + 20_000)
    s.peer.live.cutMidFrame()
    await until(() => s.peer.live.counts.logins === 2 && s.source.live().registered === 4)
    const second = await s.collect(minute(3), minute(9))
    for (const symbol of s.symbols)
      expect([...first.get(symbol)!, ...second.get(symbol)!]).toEqual(s.truth(symbol, OPEN, minute(9)))
    const calls = s.chartCalls()
    expect(calls).toBeGreaterThan(0)
    // The gap is closed: from here on ticks suffice.
    await s.collect(minute(9), minute(12))
    expect(s.chartCalls()).toBe(calls)
  })

  test('a line that goes silent in mid-minute cuts no minute in half', async () => {
    const s = await setup({ stocks: market(1), at: OPEN - 5 * MINUTE })
    const [symbol] = s.symbols
    await s.live()
    await s.trade(minute(2) + 25_000)
    s.peer.faults.mute = true
    s.advance(minute(3) + 2_000)
    expect(await s.fetch(symbol!, minute(2), minute(3))).toEqual(s.truth(symbol!, minute(2), minute(3)))
    expect(s.chartCalls()).toBe(1)
    s.peer.faults.mute = false
    s.peer.faults.tick = () => []
    s.advance(minute(5))
    await until(() => s.peer.live.counts.logins === 2, 'a new login after a minute of silence')
  })

  test('when another program takes the key over, it stands back, says so, and goes on over the chart', async () => {
    const s = await setup({ stocks: market(2), at: OPEN - 5 * MINUTE, timings: { standBackMs: 60_000 } })
    await s.live()
    expect(s.source.capacity).toBe(98)
    s.peer.live.takeOver()
    await until(() => s.source.live().kind === 'standing back')
    expect(s.source.live().reason).toMatch(/R10001/)
    expect(s.source.capacity).toBe(50)
    expect(s.peer.live.counts.logins).toBe(1)
    expect(s.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    s.advance(minute(2) + 2_000)
    for (const symbol of s.symbols)
      expect(await s.fetch(symbol, OPEN, minute(2))).toEqual(s.truth(symbol, OPEN, minute(2)))
  })

  test('after it has stood back it comes live again', async () => {
    const s = await setup({ at: OPEN })
    await s.live()
    s.peer.live.takeOver()
    await until(() => s.peer.live.counts.logins === 2 && s.source.live().registered === 1)
    expect(s.lines.filter(({ text }) => text.startsWith('kiwoom live stands back'))).toHaveLength(1)
  })

  test('two sources with one key do not throw each other out for ever', async () => {
    const s = await setup({ at: OPEN, timings: { standBackMs: 60_000 } })
    await s.live()
    const other = await setup({ at: OPEN, source: { restUrl: s.peer.restUrl, wsUrl: s.peer.wsUrl } })
    await other.live()
    await until(() => s.source.live().kind === 'standing back')
    expect(other.source.live().kind).toBe('open')
    expect(s.peer.live.counts.logins).toBe(2)
  })

  test('a live feed that cannot be reached leaves room for as many stocks as the chart keeps up with', async () => {
    const s = await setup({ at: OPEN, source: { wsUrl: 'ws://127.0.0.1:1' } })
    await s.source.open(new AbortController().signal)
    s.source.follow(s.symbols)
    await until(() => s.source.live().kind === 'unreachable')
    expect(s.source.capacity).toBe(50)
    expect(s.source.live().reason).toMatch(/cannot be opened.*KIWOOM_WS_URL/)
  })

  test('a token that ended before the login is issued anew, once', async () => {
    const s = await setup({ at: OPEN })
    await s.source.open(new AbortController().signal)
    s.peer.rest.expireToken()
    s.source.follow(s.symbols)
    await until(() => s.source.live().registered === 1)
    expect(s.peer.live.counts.logins).toBe(2)
    expect(s.peer.rest.issued).toBe(2)
  })

  test('a key of the other environment stops the live feed with a sentence that says what to do', async () => {
    const s = await setup({ at: OPEN, timings: { standBackMs: 60_000 } })
    s.peer.faults.loginRefusals.push(
      '토큰 인증에 실패했습니다. [CODE=8031, MESSAGE=투자구분(실전/모의)이 달라서 Token을 사용할수가 없습니다]',
    )
    await s.source.open(new AbortController().signal)
    s.source.follow(s.symbols)
    await until(() => s.source.live().kind === 'standing back')
    expect(s.source.live().reason).toMatch(/other environment.*KIWOOM_REST_URL.*KIWOOM_WS_URL/)
  })

  test('after the last session that the calendar knows it stays away as after any other', async () => {
    const s = await setup({ at: kst('2027-12-30T15:20:00') })
    await s.live()
    s.advance(kst('2027-12-30T15:40:00'))
    await until(() => s.source.live().kind === 'idle')
    expect(s.source.capacity).toBe(98)
    expect(s.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('outside of the market it stays away, and comes before the open', async () => {
    const s = await setup({ at: OPEN - 120 * MINUTE })
    await s.source.open(new AbortController().signal)
    s.source.follow(s.symbols)
    await until(() => s.source.live().kind === 'idle')
    expect(s.peer.live.counts.logins).toBe(0)
    s.advance(OPEN - 19 * MINUTE)
    await until(() => s.source.live().registered === 1)
    s.advance(OPEN + 400 * MINUTE)
    await until(() => s.source.live().kind === 'idle' && s.peer.live.connected() === 0)
  })

  test('nothing secret reaches the log', async () => {
    const s = await setup({ at: OPEN })
    s.peer.faults.loginRefusals.push(`nobody may see ${APP_KEY} and ${SECRET_KEY}`)
    await s.live()
    s.peer.live.closeAll(1000, `Bye ${APP_KEY}`)
    await until(() => s.lines.some(({ fields }) => String(fields.reason).includes('Bye')))
    expect(JSON.stringify(s.lines)).not.toMatch(/nobody-may-see|peer-token/)
  })
})

describe('registration', () => {
  const codes = (s: { peer: { live: { registrations: readonly { code: number; items: readonly string[] }[] } } }) =>
    s.peer.live.registrations.map(({ items, code }) => [items.length, code])

  test('150 stocks go over two groups, no faster than the server bears', async () => {
    const s = await setup({
      stocks: market(150),
      at: OPEN,
      source: { liveStocks: 150 },
      peer: { perConnection: 200, registrationMs: 10 },
    })
    await s.live()
    await until(() => s.peer.live.registrations.length === 3)
    expect(codes(s)).toEqual([
      [100, 0],
      [50, 0],
      [1, 0],
    ])
    expect(new Set(s.peer.live.registered()).size).toBe(151)
    expect(s.source.capacity).toBe(150)
  })

  test('of 150 stocks 98 are live by default, and the others are read from the chart', async () => {
    const s = await setup({ stocks: market(150, 1), at: OPEN - 5 * MINUTE })
    await s.live(98)
    await until(() => s.peer.live.registrations.length === 2)
    expect(codes(s)).toEqual([
      [98, 0],
      [1, 0],
    ])
    s.advance(minute(1) + 2_000)
    const last = s.symbols.at(-1)!
    expect(await s.fetch(last, OPEN, minute(1))).toEqual(s.truth(last, OPEN, minute(1)))
    expect(s.chartCalls()).toBe(1)
  })

  test('registers only as many stocks as the server takes, and does not ask for more after a reconnect', async () => {
    const s = await setup({ stocks: market(150, 1), at: OPEN, source: { liveStocks: 150 } })
    await s.live(100)
    await until(() => s.peer.live.registrations.some(({ types }) => types.includes('0s')))
    expect(codes(s).filter(([, code]) => code === 105115).length).toBeGreaterThan(0)
    expect(s.source.capacity).toBe(100)
    const before = s.peer.live.registrations.length
    s.peer.live.closeAll()
    await until(() => s.peer.live.counts.logins === 2 && s.source.live().registered === 100)
    // The market-wide frames may be registered again by now.
    expect(codes(s)[before]).toEqual([100, 0])
    expect(
      codes(s)
        .slice(before)
        .filter(([, code]) => code !== 0),
    ).toEqual([])
  })

  test('smaller groups are made where the server takes smaller ones', async () => {
    const s = await setup({ stocks: market(60, 1), at: OPEN, peer: { perGroup: 20 } })
    await s.live()
    expect(new Set(s.peer.live.registered()).size).toBe(60)
  })

  test('one stock that the server refuses does not keep the others out', async () => {
    const s = await setup({ stocks: market(20, 1), at: OPEN })
    s.peer.faults.refuseItems.add(s.symbols[7]!)
    await s.live(19)
    expect(s.lines.filter(({ text }) => text.includes('refuses the stock'))).toMatchObject([
      { fields: { symbol: s.symbols[7] } },
    ])
  })

  test('a registration that came too fast is made again later', async () => {
    const s = await setup({ at: OPEN })
    s.peer.faults.registrations.push({ code: 1700, message: '' }, { code: 1700, message: '' })
    await s.live()
    expect(codes(s)[2]).toEqual([1, 0])
  })

  test('stocks that are no longer followed are taken off, and new ones come in their place', async () => {
    const s = await setup({ stocks: market(4, 1), at: OPEN })
    await s.live()
    s.source.follow(s.symbols.slice(2))
    await until(() => s.source.live().registered === 2)
    await until(() => s.peer.live.registered().filter((item) => item !== '').length === 2)
    s.source.follow(s.symbols)
    await until(() => s.source.live().registered === 4)
    expect(s.peer.live.counts.logins).toBe(1)
  })

  test('a removal that came too fast is made again later', async () => {
    const s = await setup({ stocks: market(5, 1), at: OPEN, peer: { perConnection: 5 }, source: { liveStocks: 4 } })
    await s.live(4)
    await until(() => s.peer.live.registered().includes(''))
    s.peer.faults.removals.push({ code: 1700, message: '' })
    const wanted = s.symbols.slice(1)
    s.source.follow(wanted)
    await until(() => wanted.every((symbol) => s.peer.live.registered().includes(symbol)))
    expect(s.source.capacity).toBe(50)
    await until(() => s.source.live().registered === 4)
    expect(s.lines.filter(({ level }) => level === 'warn')).toEqual([])
  })
})
