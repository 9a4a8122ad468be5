import { describe, expect, test } from 'vitest'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createReader } from '../../../src/pipeline/bars/reader.ts'
import { createObservedCalendar } from '../../../src/pipeline/calendar/observed.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { PostRecord } from '../../../src/pipeline/store/records.ts'
import { judgedAt } from '../../bot/views.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'
import { episode, interruption, post, signal } from '../store/records.ts'

const SYMBOL = '038530'

const bars = (from: number, to: number): Bar[] =>
  Array.from({ length: (to - from) / MINUTE }, (_, index) => {
    const openTime = from + index * MINUTE
    const prices = { open: 342, high: 343, low: 341, close: 342 }
    return { series: 'test', symbol: SYMBOL, openTime, ...prices, volume: 10, receivedAt: openTime + MINUTE }
  })

/** A reader over one stock's morning, with an interruption at each of the given times. */
const reading = async (options: { now: number; stored: readonly Bar[]; triggered: readonly number[] }) => {
  const store = await memoryStore()
  const { source } = testSource({ now: options.now })
  const [first, last] = [options.stored[0]!, options.stored.at(-1)!]
  await store.bars.save('test', SYMBOL, options.stored, { from: first.openTime, to: last.openTime + MINUTE })
  for (const triggeredAt of options.triggered) {
    await store.marketEvents.save('test', interruption(SYMBOL, 0, { triggeredAt, releasedAt: triggeredAt + 130_000 }))
    await store.marketEvents.save('test', interruption('005930', 0, { triggeredAt }))
    await store.marketEvents.save('test', { kind: 'market', code: '3', at: triggeredAt, receivedAt: triggeredAt })
  }
  const calendar = createObservedCalendar(source.calendar)
  const detection = createDetection({
    source,
    rereads: { calendar },
    store,
    settings: DETECTOR,
    log: silent,
    now: () => 1,
  })
  return { store, reader: createReader({ source, calendar, store, detection, directory: createDirectory('krx') }) }
}
const triggers = (interruptions: readonly { triggeredAt: number }[]) =>
  interruptions.map(({ triggeredAt }) => triggeredAt)

test('a chart has the interruptions that touch its minutes, those of its own stock', async () => {
  // The first is over when the chart begins, the second reaches into it, the last comes after it.
  const triggered = [at('10:06'), at('10:09') + 1_000, at('10:20'), at('15:31')]
  const { reader } = await reading({ now: at('16:00'), stored: bars(at('09:00'), at('10:41')), triggered })
  const { interruptions, span } = await reader.chart(SYMBOL, 31)
  expect(span.bars[0]?.openTime).toBe(at('10:10'))
  expect(triggers(interruptions)).toEqual(triggered.slice(1, 3))
  expect(interruptions[0]).toMatchObject({ today: true, ongoing: false })
})

test('a stock that is halted now has no bar of it yet: the newest chart has the interruption all the same', async () => {
  const { reader, store } = await reading({ now: at('10:42'), stored: bars(at('09:00'), at('10:41')), triggered: [] })
  await store.marketEvents.save('test', interruption(SYMBOL, 0, { triggeredAt: at('10:41') + 5_000 }))
  expect((await reader.chart(SYMBOL, 31)).interruptions).toMatchObject([
    { triggeredAt: at('10:41') + 5_000, ongoing: true, today: true },
  ])
})

test('an interruption without a release goes on for three minutes at most, and only today’s are of today', async () => {
  const { reader, store } = await reading({
    now: at('09:01', 1),
    stored: bars(at('09:00'), at('10:41')),
    triggered: [],
  })
  await store.marketEvents.save('test', interruption(SYMBOL, 0, { triggeredAt: at('10:30') }))
  await store.marketEvents.save('test', interruption(SYMBOL, 0, { triggeredAt: at('09:00', 1) + 30_000 }))
  // The newest bars are still yesterday's, and so is the chart.
  expect((await reader.chart(SYMBOL, 31)).interruptions).toMatchObject([
    { triggeredAt: at('10:30'), ongoing: false, today: false },
  ])
})

test('an alert has the interruptions that touch the minutes around its episode', async () => {
  const triggered = [at('09:07'), at('10:29') + 26_000, at('10:50'), at('10:51')]
  const { reader, store } = await reading({ now: at('11:00'), stored: bars(at('09:00'), at('11:00')), triggered })
  const start = at('10:30') / MINUTE
  const owed = post('e', { openTime: at('10:30') })
  await store.signals.commit({
    series: 'test',
    symbol: SYMBOL,
    judgedUntil: at('10:31'),
    signals: [signal('test', start, 'e', { judgement: JSON.stringify(judgedAt(at('10:30'))) })],
    episodes: [episode('test', 'e', start)],
    posts: [owed],
    touched: [],
  })
  expect(triggers((await reader.alert(owed))?.interruptions ?? [])).toEqual(triggered.slice(1, 3))
})

describe('an alert', () => {
  /**
   * An episode of 10:30 to 10:42 whose most severe minute is 10:33, with bars that climb by one a minute from 10:30 on.
   */
  const EPISODE = { start: at('10:30'), last: at('10:42'), peak: at('10:33'), peakScore: 9, signals: 4 }
  const MINUTES = [at('10:30'), at('10:33'), at('10:35'), at('10:42')]
  const climbing = bars(at('09:00'), at('11:00')).map((bar) => {
    const close = 342 + Math.max(0, (bar.openTime - at('10:30')) / MINUTE)
    return { ...bar, high: close + 1, close }
  })
  const readerOf = async (posts: readonly PostRecord[], minutes: readonly number[] = MINUTES) => {
    const { reader, store } = await reading({ now: at('11:00'), stored: climbing, triggered: [] })
    await store.signals.commit({
      series: 'test',
      symbol: SYMBOL,
      judgedUntil: at('10:43'),
      signals: minutes.map((openTime) => {
        const judged = { ...judgedAt(openTime), score: openTime === EPISODE.peak ? 9 : 4 }
        return signal('test', openTime / MINUTE, 'e', { score: judged.score, judgement: JSON.stringify(judged) })
      }),
      episodes: [episode('test', 'e', 0, EPISODE)],
      posts,
      touched: [],
    })
    return { reader, store }
  }
  const owed = (openTime: number, more: Partial<PostRecord> = {}) => post('e', { openTime, ...more })
  const viewOf = async (one: PostRecord, minutes?: readonly number[]) => {
    const { reader } = await readerOf([one], minutes)
    return reader.alert(one)
  }

  test('is about the minute that was worth the ping, not about the most severe one of its episode', async () => {
    const view = await viewOf(owed(at('10:30')))
    expect(view?.minute).toMatchObject({
      judged: { openTime: at('10:30') },
      bar: { openTime: at('10:30'), close: 342 },
      older: false,
    })
    expect(view?.marks).toEqual(MINUTES)
    expect(view?.episode).toMatchObject({ peak: EPISODE.peak })
  })

  test('says what followed: from the close of its minute to that of the episode’s newest, and how many minutes were abnormal', async () => {
    const view = await viewOf(owed(at('10:30')))
    expect(view?.since?.minutes).toBe(3)
    expect(view?.since?.movePercent).toBeCloseTo(100 * (354 / 342 - 1), 9)
  })

  test('later in an episode says what followed that one', async () => {
    const view = await viewOf(owed(at('10:35'), { sequence: 1 }))
    expect(view?.minute.judged.openTime).toBe(at('10:35'))
    expect(view?.since?.minutes).toBe(1)
    expect(view?.since?.movePercent).toBeCloseTo(100 * (354 / 347 - 1), 9)
  })

  test('that nothing has followed says nothing of it', async () => {
    expect((await viewOf(owed(at('10:42'))))?.since).toBeNull()
    expect((await viewOf(owed(at('10:30')), MINUTES.slice(0, 1)))?.since).toBeNull()
  })

  test('shows the hour and a quarter before its minute', async () => {
    const view = await viewOf(owed(at('10:42')))
    expect(view?.span.bars[0]?.openTime).toBe(at('10:42') - 75 * MINUTE)
    expect(view?.span.bars.at(-1)?.openTime).toBe(at('10:59'))
  })

  test('and its rise are each about a minute of its own', async () => {
    const view = await viewOf(owed(at('10:33'), { kind: 'rise' }))
    expect(view?.minute.judged).toMatchObject({ openTime: at('10:33'), score: 9 })
    expect(view?.since?.minutes).toBe(2)
  })

  test('is in /history by its minute; what was not posted, by its most severe one', async () => {
    const { reader } = await readerOf([owed(at('10:30'), { channelId: 'alerted', state: 'sent' })])
    const minuteIn = async (channelId: string) => {
      const [entry] = (await reader.history(SYMBOL, 5, channelId)).episodes
      return [entry?.minute.judged.openTime, entry?.posted]
    }
    expect(await minuteIn('alerted')).toEqual([at('10:30'), 'sent'])
    expect(await minuteIn('elsewhere')).toEqual([EPISODE.peak, 'none'])
  })

  test('of several in one episode the first is in /history', async () => {
    const { reader } = await readerOf([
      // Posts that one pass decided have ids in any order.
      owed(at('10:30'), { id: 'c', channelId: 'alerted', state: 'sent' }),
      owed(at('10:42'), { id: 'b', channelId: 'alerted', sequence: 1 }),
      owed(at('10:33'), { id: 'a', channelId: 'alerted', kind: 'rise' }),
    ])
    const [entry] = (await reader.history(SYMBOL, 5, 'alerted')).episodes
    expect([entry?.minute.judged.openTime, entry?.posted]).toEqual([at('10:30'), 'sent'])
  })
})
