import { afterEach, describe, expect, test } from 'vitest'
import { ko } from '../../../../src/bot/locale/ko.ts'
import { chartEmbed } from '../../../../src/bot/render/chart.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { createDetection, DETECTOR } from '../../../../src/pipeline/bars/detection.ts'
import { createReader } from '../../../../src/pipeline/bars/reader.ts'
import { createObservedCalendar } from '../../../../src/pipeline/calendar/observed.ts'
import { readMarketEvent } from '../../../../src/pipeline/sources/kiwoom/live/market-events.ts'
import { createDirectory } from '../../../../src/pipeline/stocks/directory.ts'
import { openStore } from '../../../../src/pipeline/store/index.ts'
import type { PeerInterruption } from '../../../support/kiwoom-peer.ts'
import { memoryStore, silent } from '../../../support/market.ts'
import { temporaryFolder } from '../../store/engines.ts'
import { closeAll, never, OPEN, type Setup, setup, until } from './setup.ts'

const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER }
const minute = (index: number) => OPEN + index * MINUTE

/** 09:10:26; the interruption is the third of its day. */
const TRIGGERED = minute(10) + 26_000
const RELEASED = minute(12) + 36_000
const interruption = (symbol: string): PeerInterruption => ({
  symbol,
  type: '정적',
  price: 342,
  triggeredAt: TRIGGERED,
  count: 3,
})

/** The same interruption as the source reads it while it lasts, without `receivedAt`. */
const lasting = {
  kind: 'vi',
  symbol: '038530',
  type: 'static',
  triggerPrice: 342,
  triggeredAt: TRIGGERED,
  releasedAt: null,
  count: 3,
} as const

const folder = temporaryFolder()
afterEach(closeAll)

describe('what a frame says', () => {
  const values = { '9001': 'A038530', '1221': '-342', '1223': '091026', '1224': '000000', '1225': '정적', '1490': '3' }
  const read = (more: Record<string, string> = {}) => readMarketEvent('1h', '', { ...values, ...more }, TRIGGERED + 700)

  test('an interruption while it lasts, and with its release', () => {
    expect(read()).toEqual({ ...lasting, receivedAt: TRIGGERED + 700 })
    expect(read({ '1224': '091236' })).toEqual({ ...lasting, releasedAt: RELEASED, receivedAt: TRIGGERED + 700 })
  })

  test.for([
    ['정적', 'static'],
    ['동적', 'dynamic'],
    ['동적+정적', 'both'],
    ['', null],
  ] as const)('type %j is %s', ([words, type]) => {
    expect(read({ '1225': words })).toMatchObject({ type })
  })

  test('what is missing stays unknown; a trigger time that is, is that of the frame', () => {
    expect(read({ '1221': '', '1223': '', '1490': '' })).toMatchObject({
      triggerPrice: null,
      triggeredAt: TRIGGERED + 700,
      count: null,
    })
    expect(read({ '1224': '091025' })).toMatchObject({ triggeredAt: TRIGGERED, releasedAt: null })
  })

  test.for([
    ['1h', { '9001': '' }],
    ['1h', { '1223': '000000', '1224': '091236' }],
    ['0s', { '215': ' ' }],
    ['0D', {}],
  ] as const)('%s with %j says nothing that can be stored', ([type, more]) => {
    expect(readMarketEvent(type, '', { ...values, ...more }, TRIGGERED)).toBeNull()
  })
})

/** The number of registrations of the market-wide frames. */
const registrations = (s: Setup) => s.peer.live.registrations.filter(({ types }) => types.includes('1h')).length

/** Waits until the source is live and registered for the market-wide frames too. */
const listening = async (s: Setup) => {
  await s.live()
  await until(() => registrations(s) === 1)
}

describe('an event of the market', () => {
  test('is stored as it comes, an interruption with its release once', async () => {
    const { marketEvents } = await memoryStore()
    const s = await setup({ at: TRIGGERED + 700, source: { marketEvents } })
    await listening(s)
    const vi = interruption('038530')
    for (let time = 0; time < 2; time++) {
      s.peer.live.emitMarketState('3', OPEN)
      s.peer.live.emitInterruption(vi)
    }
    const receivedAt = TRIGGERED + 700
    const opening = { kind: 'market', code: '3', at: OPEN, receivedAt }
    await expect.poll(() => marketEvents.between('kiwoom', ALWAYS)).toEqual([opening, { ...lasting, receivedAt }])
    await s.trade(RELEASED + 500)
    s.peer.live.emitInterruption({ ...vi, releasedAt: RELEASED })
    const released = { ...lasting, releasedAt: RELEASED, receivedAt: RELEASED + 500 }
    await expect.poll(() => marketEvents.between('kiwoom', ALWAYS)).toEqual([opening, released])
  })

  test('tells which minutes a stock was halted in', async () => {
    const s = await setup({ at: TRIGGERED + 700 })
    const [symbol = ''] = s.symbols
    const halted = (symbol: string) => [9, 10, 11, 12, 13, 14].map((index) => s.source.halted?.(symbol, minute(index)))
    expect(halted(symbol)).toEqual([null, null, null, null, null, null])
    await listening(s)
    expect(halted(symbol)).toEqual([false, false, false, false, false, false])
    s.peer.live.emitInterruption(interruption(symbol))
    await until(() => s.source.halted?.(symbol, minute(10)) === true)
    expect(halted(symbol)).toEqual([false, true, true, true, true, false])
    s.peer.live.emitInterruption({ ...interruption(symbol), releasedAt: RELEASED })
    await until(() => s.source.halted?.(symbol, minute(13)) === false)
    expect(halted(symbol)).toEqual([false, true, true, true, false, false])
    expect(halted('005930')).toEqual([false, false, false, false, false, false])
  })

  test('is known again after a restart in the middle of an interruption', async () => {
    const url = `sqlite:${folder.path}/restart.db`
    const before = await openStore(url, { log: silent })
    const s = await setup({ at: TRIGGERED + 700, source: { marketEvents: before.marketEvents } })
    const [symbol = ''] = s.symbols
    await listening(s)
    s.peer.live.emitInterruption(interruption(symbol))
    await until(() => s.source.halted?.(symbol, minute(10)) === true)
    const morning = { from: OPEN, to: minute(10) }
    await before.bars.save('kiwoom', symbol, await s.source.fetchBars(symbol, morning, never), morning)
    // Source and store close in the bot's order, so every event that has come is stored.
    await s.source.close()
    await before.close()

    s.advance(minute(11) + 10_000)
    const after = await openStore(url, { log: silent })
    const restarted = s.begin({ marketEvents: after.marketEvents })
    await restarted.open(never)
    const halted = () => [9, 10, 11, 14].map((index) => restarted.halted?.(symbol, minute(index)))
    // Nothing is followed, so no event comes: only stored events are known.
    expect(halted()).toEqual([null, true, true, null])
    restarted.follow(s.symbols)
    await until(() => registrations(s) === 2)
    expect(halted()).toEqual([false, true, true, false])

    const calendar = createObservedCalendar(restarted.calendar)
    const detection = createDetection({
      source: restarted,
      rereads: { calendar },
      store: after,
      settings: DETECTOR,
      log: silent,
      now: s.now,
    })
    const reader = createReader({
      source: restarted,
      calendar,
      store: after,
      detection,
      directory: createDirectory('krx'),
    })
    const shown = async () => chartEmbed(await reader.chart(symbol, 60), ko).fields
    const name = '변동성완화장치(VI)'
    expect(await shown()).toEqual([{ name, value: '정적 09:10:26– · 발동가 342원 · 오늘 3번째' }])
    s.peer.live.emitInterruption({ ...interruption(symbol), releasedAt: RELEASED })
    await expect.poll(shown).toEqual([{ name, value: '정적 09:10:26–09:12:36 · 발동가 342원 · 오늘 3번째' }])
    await restarted.close()
    await after.close()
  })

  test('of an earlier session is left alone at the next start', async () => {
    const { marketEvents } = await memoryStore()
    const s = await setup({ at: OPEN + 5 * MINUTE, source: { marketEvents } })
    const [symbol = ''] = s.symbols
    const triggeredAt = TRIGGERED - 24 * 60 * MINUTE
    await marketEvents.save('kiwoom', { ...lasting, symbol, triggeredAt, receivedAt: 0 })
    await s.source.open(never)
    expect(s.source.halted?.(symbol, minute(10) - 24 * 60 * MINUTE)).toBeNull()
  })

  test('that cannot be written is said once, and nothing else suffers', async () => {
    const store = await memoryStore()
    const s = await setup({ at: TRIGGERED + 700, source: { marketEvents: store.marketEvents } })
    const [symbol = ''] = s.symbols
    await listening(s)
    await store.close()
    s.peer.live.emitMarketState('3', OPEN)
    s.peer.live.emitInterruption(interruption(symbol))
    await until(() => s.source.halted?.(symbol, minute(10)) === true)
    await s.trade(minute(12) + 2_000)
    expect(await s.fetch(symbol, minute(11), minute(12))).toEqual(s.truth(symbol, minute(11), minute(12)))
    expect(s.source.live()).toMatchObject({ kind: 'open', registered: 1 })
    expect(s.lines.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual([
      'market facts cannot be kept, a restart will not know of them',
    ])
  })
})
