import { expect, test } from 'vitest'
import { type Bar, MINUTE } from '../../src/model/bar.ts'
import { observedCalendar } from '../../src/pipeline/calendar/observed.ts'
import { createDetection, DETECTOR } from '../../src/pipeline/detect.ts'
import { createDirectory } from '../../src/pipeline/directory.ts'
import { createReader } from '../../src/pipeline/reader.ts'
import { judgedAt } from '../bot/views.ts'
import { at, memoryStore, silent, venue } from '../support/market.ts'
import { episode, interruption, post, signal } from './store/records.ts'

const SYMBOL = '038530'

const bars = (from: number, to: number): Bar[] =>
  Array.from({ length: (to - from) / MINUTE }, (_, index) => {
    const openTime = from + index * MINUTE
    const prices = { open: 342, high: 343, low: 341, close: 342 }
    return { venue: 'test', symbol: SYMBOL, openTime, ...prices, volume: 10, receivedAt: openTime + MINUTE }
  })

/** A reader over one stock's morning, with an interruption at each of the given times. */
const reading = async (options: { now: number; kept: readonly Bar[]; triggered: readonly number[] }) => {
  const store = await memoryStore()
  const { source } = venue({ now: options.now })
  const [first, last] = [options.kept[0]!, options.kept.at(-1)!]
  await store.bars.save('test', SYMBOL, options.kept, { from: first.openTime, to: last.openTime + MINUTE })
  for (const triggeredAt of options.triggered) {
    await store.marketFacts.save('test', interruption(SYMBOL, 0, { triggeredAt, releasedAt: triggeredAt + 130_000 }))
    await store.marketFacts.save('test', interruption('005930', 0, { triggeredAt }))
    await store.marketFacts.save('test', { kind: 'market', code: '3', at: triggeredAt, receivedAt: triggeredAt })
  }
  const calendar = observedCalendar(source.calendar)
  const detection = createDetection({ source, calendar, store, settings: DETECTOR, log: silent, now: () => 1 })
  return { store, reader: createReader({ source, calendar, store, detection, directory: createDirectory('krx') }) }
}
const triggers = (found: readonly { triggeredAt: number }[]) => found.map(({ triggeredAt }) => triggeredAt)

test('a chart has the interruptions that touch its minutes, those of its own stock', async () => {
  // The first is over when the chart begins, the second reaches into it, the last comes after it.
  const triggered = [at('10:06'), at('10:09') + 1_000, at('10:20'), at('15:31')]
  const { reader } = await reading({ now: at('16:00'), kept: bars(at('09:00'), at('10:41')), triggered })
  const { interruptions, stretch } = await reader.chart(SYMBOL, 31)
  expect(stretch.bars[0]?.openTime).toBe(at('10:10'))
  expect(triggers(interruptions)).toEqual(triggered.slice(1, 3))
  expect(interruptions[0]).toMatchObject({ today: true, ongoing: false })
})

test('a stock that is halted now has no bar of it yet: the newest chart has the interruption all the same', async () => {
  const { reader, store } = await reading({ now: at('10:42'), kept: bars(at('09:00'), at('10:41')), triggered: [] })
  await store.marketFacts.save('test', interruption(SYMBOL, 0, { triggeredAt: at('10:41') + 5_000 }))
  expect((await reader.chart(SYMBOL, 31)).interruptions).toMatchObject([{ triggeredAt: at('10:41') + 5_000, ongoing: true, today: true }])
})

test('an interruption without a release goes on for three minutes at most, and only today’s are of today', async () => {
  const { reader, store } = await reading({ now: at('09:01', 1), kept: bars(at('09:00'), at('10:41')), triggered: [] })
  await store.marketFacts.save('test', interruption(SYMBOL, 0, { triggeredAt: at('10:30') }))
  await store.marketFacts.save('test', interruption(SYMBOL, 0, { triggeredAt: at('09:00', 1) + 30_000 }))
  // The newest bars are yesterday's still, and so is the chart.
  expect((await reader.chart(SYMBOL, 31)).interruptions).toMatchObject([{ triggeredAt: at('10:30'), ongoing: false, today: false }])
})

test('an alert has the interruptions that touch the minutes around its episode', async () => {
  const triggered = [at('09:07'), at('10:29') + 26_000, at('10:50'), at('10:51')]
  const { reader, store } = await reading({ now: at('11:00'), kept: bars(at('09:00'), at('11:00')), triggered })
  const start = at('10:30') / MINUTE
  const owed = post('e', { openTime: at('10:30') })
  await store.signals.commit({
    venue: 'test',
    symbol: SYMBOL,
    judgedUntil: at('10:31'),
    signals: [signal('test', start, 'e', { judgement: JSON.stringify(judgedAt(at('10:30'))) })],
    episodes: [episode('test', 'e', start)],
    posts: [owed],
    touched: [],
  })
  expect(triggers((await reader.alert(owed))?.interruptions ?? [])).toEqual(triggered.slice(1, 3))
})
