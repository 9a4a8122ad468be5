import { describe, expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import type { Interval } from '../../../src/model/time/interval.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createBarsFeedMinutes } from '../../../src/pipeline/bars/feed-minutes.ts'
import { createPositions } from '../../../src/pipeline/bars/positions.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import { createKrxCalendar } from '../../../src/pipeline/calendar/krx.ts'
import { type FeedWatch, openFeedWatch } from '../../../src/pipeline/feed/watch.ts'
import { historyFetchedKey } from '../../../src/pipeline/run/history-fetched.ts'
import { createSimulatedSource } from '../../../src/pipeline/sources/simulated/source.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { at, memoryStore, silent, stretch, testSource, watchOf } from '../../support/market.ts'

/** Positions read anew each time: these tests collect without the live pass that keeps them. */
const unremembered = (store: Store, source: BarSource) => ({
  of: (symbol: string) => createPositions(store, source.series).of(symbol),
})

const never = new AbortController().signal
const SYMBOL = '990350'

/** Bars that follow two or three missing minutes and a steep move. */
const interruptions = (bars: readonly Bar[]): Bar[] =>
  bars.filter((one, index) => {
    const [before, start] = [bars[index - 1], bars[index - 6]]
    const missing = one.openTime / MINUTE - (before?.openTime ?? 0) / MINUTE - 1
    return before && start && (missing === 2 || missing === 3) && Math.abs(Math.log(before.close / start.close)) > 0.07
  })
const follow = async (store: Store, watched: string, symbol: string, channelId = 'c') => {
  await store.watches.add(watchOf(symbol, { series: watched, channelId }))
  await store.keyValues.set(historyFetchedKey(watched, symbol), 'yes')
}

/** A market on a clock that the test moves, minute by minute, with the passes that run in each. */
const setUp = async (options: {
  bars?: readonly Bar[]
  now: number
  source?: Partial<BarSource>
  warnings?: readonly string[]
}) => {
  const store = await memoryStore()
  const { source: plain, state } = testSource(options)
  const source: BarSource = { ...plain, ...options.source }
  const directory = {
    get: (symbol: string) => ({
      symbol,
      name: symbol,
      nameEn: null,
      market: '',
      warnings: options.warnings ?? [],
      nxtTradable: null,
    }),
  }
  let days = await openClosedDays({ source, store, log: silent })
  const begin = async () => {
    days = await openClosedDays({ source, store, log: silent })
    return openFeedWatch({
      source,
      minutes: createBarsFeedMinutes({ source, store, positions: unremembered(store, source) }),
      days,
      store,
      directory,
      log: silent,
      now: () => state.now,
    })
  }
  const minute = async (watch: FeedWatch) => {
    for (const symbol of await store.watches.symbols('test')) {
      const parts = { source, rereads: createRereads({ days, missingSince: watch.missingSince }), bars: store.bars }
      await collect(parts, symbol, never).catch((error: unknown) => {
        if (!(error instanceof RetryableError)) throw error
      })
    }
    await watch.pass(never)
  }
  const run = async (watch: FeedWatch, to: number) => {
    while (state.now < to) {
      state.now += MINUTE
      await minute(watch)
    }
  }
  /** Owed notices by channel, as `kind since`; checks that none is there twice. */
  const owed = async (watch: FeedWatch) => {
    const notices = await watch.owed()
    expect(new Set(notices.map((notice) => notice.id)).size).toBe(notices.length)
    return notices.map(
      ({ channelId, kind, since }) =>
        `${channelId} ${kind} ${new Date(since + 9 * 60 * MINUTE).toISOString().slice(11, 16)}`,
    )
  }
  return { store, source, state, begin, minute, run, owed }
}

describe('an outage', () => {
  test('is owed once though the watch goes to another process and back', async () => {
    const { store, state, begin, run, owed } = await setUp({
      now: at('09:00'),
      bars: stretch(SYMBOL, at('09:00'), at('15:20')),
    })
    await follow(store, 'test', SYMBOL)
    const [first, second] = [await begin(), await begin()]
    await run(first, at('10:00'))
    state.fail = new RetryableError('away')
    await run(first, at('10:10'))
    const [notice] = await first.owed()
    expect(await owed(first)).toEqual(['c unanswered 10:00'])
    await run(second, at('10:15'))
    expect(await second.owed()).toEqual([notice])
    await second.finished(notice?.id ?? '')
    state.fail = null
    await run(second, at('10:20'))
    expect(await owed(second)).toEqual(['c back 10:00'])
    await run(first, at('10:25'))
    expect(await first.owed()).toEqual(await second.owed())
  })

  test('that the watch of another process has found is read again here too', async () => {
    const { store, state, begin, run } = await setUp({
      now: at('09:00'),
      bars: stretch(SYMBOL, at('09:00'), at('15:20')),
    })
    await follow(store, 'test', SYMBOL)
    const [first, second] = [await begin(), await begin()]
    await run(first, at('10:00'))
    state.fail = new RetryableError('away')
    await run(first, at('10:10'))
    expect(second.missingSince(SYMBOL)).toBeNull()
    await second.refresh()
    expect(second.missingSince(SYMBOL)).toBe(first.missingSince(SYMBOL))
    expect(second.missingSince(SYMBOL)).not.toBeNull()
  })

  test('is owed once to every channel that watches a stock of it, and its end once, over restarts', async () => {
    const { store, state, begin, run, owed } = await setUp({
      now: at('09:00'),
      bars: stretch(SYMBOL, at('09:00'), at('15:20')),
    })
    await follow(store, 'test', SYMBOL)
    await follow(store, 'test', SYMBOL, 'd')
    let watch = await begin()
    await run(watch, at('10:00'))
    state.fail = new RetryableError('away')
    await run(watch, at('10:03'))
    expect(await owed(watch)).toEqual([])
    await run(watch, at('10:04'))
    expect(await owed(watch)).toEqual(['c unanswered 10:00', 'd unanswered 10:00'])
    await run(watch, at('10:20'))
    watch = await begin()
    await run(watch, at('10:30'))
    expect(await owed(watch)).toEqual(['c unanswered 10:00', 'd unanswered 10:00'])
    for (const { id } of await watch.owed()) await watch.finished(id)

    state.fail = null
    watch = await begin()
    await run(watch, at('10:31'))
    expect(await owed(watch)).toEqual(['c back 10:00', 'd back 10:00'])
    for (const { id } of await watch.owed()) await watch.finished(id)
    await run(await begin(), at('15:40'))
    expect(await owed(await begin())).toEqual([])
    expect(await store.bars.count('test', SYMBOL)).toBe(380)
  })

  test('in which the source answers without bars is filled from its first minute when they come', async () => {
    const whole = stretch(SYMBOL, at('09:00'), at('15:20'))
    let hidden = false
    const { store, state, begin, run, owed, source } = await setUp({
      now: at('09:00'),
      bars: whole,
      source: {
        fetchBars: async (_symbol, { from, to }) =>
          whole.filter((one) => !hidden && one.openTime >= from && one.openTime < Math.min(to, state.now)),
      },
    })
    await follow(store, 'test', SYMBOL)
    const watch = await begin()
    await run(watch, at('10:00'))
    hidden = true
    await run(watch, at('10:04'))
    expect(await owed(watch)).toEqual(['c alone 10:00'])
    await run(watch, at('10:30'))
    hidden = false
    await run(watch, at('10:31'))
    expect(await owed(watch)).toEqual(['c alone 10:00', 'c back 10:00'])
    expect(await store.bars.range('test', SYMBOL, { from: at('09:00'), to: at('10:31') })).toHaveLength(91)
    expect(source.provenance.kind).toBe('real')
  })

  /**
   * Two busy stocks and one that seldom trades, of which nothing from two o'clock to the close is there before six in
   * the evening.
   */
  const overTheClose = async () => {
    const busy = [SYMBOL, '990470'].flatMap((symbol) =>
      [0, 1].flatMap((day) => stretch(symbol, at('09:00', day), at('15:20', day))),
    )
    const seldom = stretch('990110', at('09:00'), at('15:20')).filter((_, minute) => minute % 7 === 0)
    const all = [...busy, ...seldom, ...stretch('990110', at('09:30', 1), at('09:31', 1))]
    const world = await setUp({
      now: at('09:00'),
      source: {
        fetchBars: async (symbol, { from, to }) =>
          all.filter(
            ({ symbol: of, openTime }) =>
              of === symbol &&
              openTime >= from &&
              openTime < Math.min(to, world.state.now) &&
              (openTime < at('14:00') || openTime >= at('09:00', 1) || world.state.now > at('18:00')),
          ),
      },
    })
    const afternoon = (symbol: string) => world.store.bars.range('test', symbol, { from: at('14:00'), to: at('15:31') })
    return { ...world, afternoon }
  }

  test('that lasts over the close is filled the next morning, when the channel is told so', async () => {
    const { store, begin, run, owed, afternoon } = await overTheClose()
    await follow(store, 'test', SYMBOL)
    await run(await begin(), at('15:40'))
    await run(await begin(), at('09:10', 1))
    expect(await owed(await begin())).toEqual(['c alone 14:00', 'c back 14:00'])
    expect(await afternoon(SYMBOL)).toHaveLength(80)
  })

  test('of every stock is filled of those too that are too quiet to be called silent', async () => {
    const { store, begin, run, owed, afternoon } = await overTheClose()
    for (const symbol of [SYMBOL, '990470', '990110']) await follow(store, 'test', symbol)
    await run(await begin(), at('15:40'))
    await run(await begin(), at('09:10', 1))
    expect(await owed(await begin())).toEqual(['c empty 14:00', 'c back 14:00'])
    for (const symbol of [SYMBOL, '990470']) expect(await afternoon(symbol)).toHaveLength(80)
    expect(await afternoon('990110')).toHaveLength(12)
  })

  test('during which the process slept is filled and not called silence', async () => {
    const { store, state, begin, minute, run, owed } = await setUp({
      now: at('09:00'),
      bars: stretch(SYMBOL, at('09:00'), at('15:20')),
    })
    await follow(store, 'test', SYMBOL)
    const watch = await begin()
    await run(watch, at('10:00'))
    state.now = at('10:40')
    state.fail = new RetryableError('the network is not up yet')
    await minute(watch)
    await run(watch, at('10:41'))
    state.fail = null
    await run(watch, at('10:50'))
    expect(await owed(watch)).toEqual([])
    expect((await store.bars.coverage('test', SYMBOL))?.to).toBe(at('10:50'))
  })

  test('of stocks that stop one after the other is one message, and a channel that no longer watches hears no more', async () => {
    const bars = [...stretch(SYMBOL, at('09:00'), at('10:00')), ...stretch('990470', at('09:00'), at('10:02'))]
    const { store, begin, run, owed } = await setUp({ now: at('09:00'), bars })
    await follow(store, 'test', SYMBOL)
    await follow(store, 'test', '990470')
    const watch = await begin()
    await run(watch, at('10:30'))
    expect(await owed(watch)).toEqual(['c alone 10:00'])
    await store.watches.removeChannel('c')
    await run(watch, at('10:31'))
    expect(await owed(watch)).toEqual([])
  })
})

describe('what is not an outage', () => {
  test('an interruption of three minutes, and a halt that the venue tells of', async () => {
    const halts = [at('09:40'), at('10:10'), at('11:00')]
    const whole = stretch(SYMBOL, at('09:00'), at('15:20'))
    const interrupted = whole.filter(
      (one) => !halts.some((start) => one.openTime >= start && one.openTime < start + 3 * MINUTE),
    )
    const unknown = await setUp({ now: at('09:00'), bars: interrupted })
    await follow(unknown.store, 'test', SYMBOL)
    const watch = await unknown.begin()
    await unknown.run(watch, at('12:00'))
    expect(await unknown.owed(watch)).toEqual([])

    const inHalt = (time: number) => time >= at('10:00') && time < at('11:30')
    const told = await setUp({
      now: at('09:00'),
      bars: whole.filter((one) => !inHalt(one.openTime)),
      source: { halted: (_symbol, minute) => inHalt(minute) },
    })
    await follow(told.store, 'test', SYMBOL)
    const other = await told.begin()
    await told.run(other, at('12:00'))
    expect(await told.owed(other)).toEqual([])
  })

  test('a replayed file with gaps', async () => {
    const { store, begin, run, owed } = await setUp({
      now: at('09:00'),
      bars: stretch(SYMBOL, at('09:00'), at('10:00')),
      source: { provenance: { kind: 'replay' } },
    })
    await follow(store, 'test', SYMBOL)
    const watch = await begin()
    await run(watch, at('12:00'))
    expect(await owed(watch)).toEqual([])
  })

  test('a stock whose history is still being fetched', async () => {
    const { store, state, begin, run, owed } = await setUp({
      now: at('09:00'),
      bars: stretch(SYMBOL, at('09:00'), at('15:20')),
    })
    await store.watches.add(watchOf(SYMBOL))
    const watch = await begin()
    await run(watch, at('10:00'))
    state.fail = new RetryableError('away')
    await run(watch, at('10:30'))
    expect(await owed(watch)).toEqual([])
  })

  test('anything in ten sessions of the simulated market, thin stocks and interruptions included', {
    timeout: 300_000,
  }, async () => {
    let now = at('08:00')
    const source = createSimulatedSource({
      seed: 11,
      speed: 1,
      now: () => now,
      startAt: at('08:00'),
      liveFrom: '2026-11-16',
    })
    const store = await memoryStore()
    const listings = await source.listings(never)
    for (const { symbol } of listings) await follow(store, source.series, symbol, `channel of ${symbol}`)
    const directory = { get: (symbol: string) => listings.find((listing) => listing.symbol === symbol) ?? null }
    const days = await openClosedDays({ source, store, log: silent })
    const watch = await openFeedWatch({
      source,
      minutes: createBarsFeedMinutes({ source, store, positions: unremembered(store, source) }),
      days,
      store,
      directory,
      log: silent,
      now: () => now,
    })
    const end = at('15:31', 11)
    while (source.now() < end) {
      now += MINUTE
      if (source.calendar.sessionAt(source.now()) === null) continue
      for (const { symbol } of listings)
        await collect(
          { source, rereads: createRereads({ days, missingSince: watch.missingSince }), bars: store.bars },
          symbol,
          never,
        )
      await watch.pass(never)
      expect(await watch.owed()).toEqual([])
    }
    const kept = await Promise.all(
      listings.map(({ symbol }) => store.bars.range(source.series, symbol, { from: at('09:00'), to: end })),
    )
    expect(kept.flatMap(interruptions).length).toBeGreaterThan(0)
    const sizes = kept.map((bars) => bars.length)
    expect(Math.max(...sizes)).toBeGreaterThan(10 * 375)
    expect(Math.min(...sizes)).toBeLessThan(10 * 190)
  })
})

describe('a day without trades', () => {
  const yesterday = stretch(SYMBOL, at('14:00', -3), at('15:20', -3))
  const nextDay = stretch(SYMBOL, at('09:00', 1), at('15:20', 1))

  test('is said to be closed once, and nothing is said when trading goes on the day after', async () => {
    const { store, begin, run, owed } = await setUp({ now: at('15:00', -3), bars: [...yesterday, ...nextDay] })
    await follow(store, 'test', SYMBOL)
    await run(await begin(), at('08:59'))
    await run(await begin(), at('10:30'))
    const watch = await begin()
    expect(await owed(watch)).toEqual(['c closed 10:02'])
    for (const { id } of await watch.owed()) await watch.finished(id)
    await run(await begin(), at('16:00'))
    await run(await begin(), at('11:00', 1))
    expect(await owed(await begin())).toEqual([])
  })

  test('that begins to trade after all is said to be open once', async () => {
    const { store, begin, run, owed } = await setUp({
      now: at('15:00', -3),
      bars: [...yesterday, ...stretch(SYMBOL, at('11:00'), at('15:20'))],
    })
    await follow(store, 'test', SYMBOL)
    const watch = await begin()
    await run(watch, at('12:00'))
    expect(await owed(watch)).toEqual(['c closed 10:02', 'c open 11:03'])
  })

  /** The answers of a source with these bars. */
  const within = (bars: readonly Bar[], symbol: string, { from, to }: Interval): Bar[] =>
    bars.filter((one) => one.symbol === symbol && one.openTime >= from && one.openTime < to)

  /** Two stocks that traded until the last close; what they trade today is `late`. */
  const morning = async (late: readonly Bar[] = [], source: Partial<BarSource> = {}) => {
    const other = stretch('990470', at('14:00', -3), at('15:20', -3))
    const world = await setUp({ now: at('15:00', -3), bars: [...yesterday, ...other, ...late], source })
    for (const symbol of [SYMBOL, '990470']) await follow(world.store, 'test', symbol)
    await world.run(await world.begin(), at('15:32', -3))
    world.state.now = at('08:58')
    return world
  }

  test('is not collected: one stock is asked for every five minutes, and once more when it is over', async () => {
    const { state, begin, run, owed, store } = await morning()
    const watch = await begin()
    await run(watch, at('10:02'))
    expect(await owed(watch)).toEqual(['c closed 10:02'])
    const asked = state.asked.length
    await run(watch, at('11:02'))
    expect(state.asked.slice(asked)).toHaveLength(12)
    await run(watch, at('20:00'))
    const probes = state.asked.slice(asked)
    expect(new Set(probes.map(({ symbol }) => symbol)).size).toBe(1)
    expect(probes).toHaveLength(66)
    expect(probes.at(-1)?.interval).toEqual({ from: at('09:00'), to: at('15:31') })
    expect((await store.bars.coverage('test', SYMBOL))?.to).toBe(at('10:02'))
  })

  test('that begins to trade after all is kept whole and said to be open once, restarts in between', async () => {
    const late = [SYMBOL, '990470'].flatMap((symbol) => stretch(symbol, at('11:00'), at('15:20')))
    const { store, begin, run, owed } = await morning(late)
    for (const clock of ['10:02', '10:30', '11:01', '11:02', '11:03', '12:00', '16:00'])
      await run(await begin(), at(clock))
    const watch = await begin()
    expect(await owed(watch)).toEqual(['c closed 10:02', 'c open 11:02'])
    for (const { id } of await watch.owed()) await watch.finished(id)
    await run(await begin(), at('16:10'))
    expect(await owed(await begin())).toEqual([])
    for (const symbol of [SYMBOL, '990470'])
      expect(await store.bars.range('test', symbol, { from: at('09:00'), to: at('16:00') })).toHaveLength(260)
  })

  test('whose bars the source has held back is read again from its open when they come', async () => {
    const bars = [SYMBOL, '990470'].flatMap((symbol) => [
      ...stretch(symbol, at('14:00', -3), at('15:20', -3)),
      ...stretch(symbol, at('09:00'), at('15:20')),
    ])
    let held = true
    const { store, begin, run, owed } = await morning([], {
      fetchBars: async (symbol, interval) =>
        within(bars, symbol, interval).filter((one) => !held || one.openTime < at('09:00')),
    })
    const watch = await begin()
    await run(watch, at('10:40'))
    held = false
    await run(watch, at('11:00'))
    expect(await owed(watch)).toEqual(['c closed 10:02', 'c open 10:43'])
    for (const symbol of [SYMBOL, '990470'])
      expect(await store.bars.range('test', symbol, { from: at('09:00'), to: at('11:00') })).toHaveLength(120)
  })

  test('is not followed by a call of silence for the stock that is read last when it opens after all', async () => {
    const late = [SYMBOL, '990470'].flatMap((symbol) => stretch(symbol, at('11:00'), at('15:20')))
    const before = [SYMBOL, '990470'].flatMap((symbol) => stretch(symbol, at('14:00', -3), at('15:20', -3)))
    let last = ''
    const { begin, run, owed } = await morning([], {
      fetchBars: async (symbol, interval) => {
        if (symbol === last) throw new RetryableError('not yet')
        return within([...before, ...late], symbol, interval)
      },
    })
    const watch = await begin()
    await run(watch, at('11:02'))
    last = '990470'
    await run(watch, at('11:04'))
    last = ''
    await run(watch, at('12:00'))
    expect(await owed(watch)).toEqual(['c closed 10:02', 'c open 11:03'])
  })

  test('is open as soon as anybody keeps a bar of it, and is not closed while one is kept', async () => {
    const { store, begin, run, owed } = await morning()
    const keepBar = (clock: string) =>
      store.bars.save('test', '0001A0', stretch('0001A0', at(clock), at(clock) + MINUTE), {
        from: at('09:00'),
        to: at('16:00'),
      })
    const watch = await begin()
    await run(watch, at('10:03'))
    await keepBar('10:03')
    await run(watch, at('10:06'))
    expect((await store.bars.coverage('test', SYMBOL))?.to).toBe(at('10:06'))
    expect(await owed(watch)).toEqual(['c closed 10:02'])

    const kept = await morning()
    await kept.store.bars.save('test', '0001A0', stretch('0001A0', at('09:00'), at('09:01')), {
      from: at('09:00'),
      to: at('16:00'),
    })
    const other = await kept.begin()
    await kept.run(other, at('12:00'))
    expect(await kept.owed(other)).toEqual([])
    expect((await kept.store.bars.coverage('test', SYMBOL))?.to).toBe(at('12:00'))
  })

  test('is nothing to be told of a stock that comes back to be watched on it, but that it is closed', async () => {
    const { store, begin, run, owed } = await morning()
    await store.watches.remove('test', 'c', '990470')
    const watch = await begin()
    await run(watch, at('10:30'))
    await follow(store, 'test', '990470', 'd')
    await run(watch, at('12:00'))
    expect(await owed(watch)).toEqual(['c closed 10:02', 'd closed 10:31'])
  })

  test('is not called closed while the exchange’s busiest stock cannot be asked for', async () => {
    let away = true
    const { begin, run, owed } = await morning([], {
      calendar: createKrxCalendar(),
      fetchBars: async (symbol, interval) => {
        if (symbol === '005930' && away) throw new RetryableError('away')
        return within(yesterday, symbol, interval)
      },
    })
    const watch = await begin()
    await run(watch, at('10:29'))
    expect(await owed(watch)).toEqual([])
    away = false
    await run(watch, at('12:00'))
    expect(await owed(watch)).toEqual(['c closed 10:32'])
  })

  test('is not called closed when the exchange’s busiest stock trades: then what is watched is in a halt', async () => {
    const reference = stretch('005930', at('09:00'), at('15:20'))
    const asked: string[] = []
    const setting = (traded: readonly Bar[]) => ({
      now: at('15:00', -3),
      source: {
        calendar: createKrxCalendar(),
        fetchBars: async (symbol: string, { from, to }: { from: number; to: number }) => {
          asked.push(symbol)
          return [...yesterday, ...traded].filter(
            (one) => one.symbol === symbol && one.openTime >= from && one.openTime < to,
          )
        },
      },
    })
    const open = await setUp(setting(reference))
    await follow(open.store, 'test', SYMBOL)
    const watch = await open.begin()
    await open.run(watch, at('12:00'))
    expect(await open.owed(watch)).toEqual([])
    expect(asked.filter((symbol) => symbol === '005930')).toHaveLength(1)

    const closed = await setUp(setting([]))
    await follow(closed.store, 'test', SYMBOL)
    const other = await closed.begin()
    await closed.run(other, at('12:00'))
    expect(await closed.owed(other)).toEqual(['c closed 10:02'])
    expect(asked.slice(asked.lastIndexOf(SYMBOL) + 1)).toEqual(Array(24).fill('005930'))
  })

  test('is found when only a stock that seldom trades is watched, by asking for the exchange’s busiest one, once on an open day', async () => {
    const seldom = yesterday.filter((_, minute) => minute % 3 === 0)
    const setting = async (traded: readonly Bar[], source: Partial<BarSource> = {}) => {
      const asked: string[] = []
      const world = await setUp({
        now: at('15:00', -3),
        source: {
          ...source,
          calendar: createKrxCalendar(),
          fetchBars: async (symbol, interval) => {
            asked.push(symbol)
            return within([...seldom, ...traded], symbol, interval)
          },
        },
      })
      await follow(world.store, 'test', SYMBOL)
      await world.run(await world.begin(), at('15:32', -3))
      world.state.now = at('08:58')
      const watch = await world.begin()
      await world.run(watch, at('12:00'))
      return { notices: await world.owed(watch), asked: asked.filter((symbol) => symbol === '005930').length }
    }
    expect((await setting([])).notices).toEqual(['c closed 10:02'])
    expect(await setting(stretch('005930', at('09:00'), at('15:20')))).toEqual({ notices: [], asked: 1 })
    // A table that another program fills cannot tell.
    expect(await setting([], { tellsClosedDays: false })).toEqual({ notices: [], asked: 0 })
  })

  test('of a stock that the exchange lists as suspended says nothing about the market', async () => {
    const { store, begin, run, owed } = await setUp({ now: at('15:00', -3), bars: yesterday, warnings: ['거래정지'] })
    await follow(store, 'test', SYMBOL)
    const watch = await begin()
    await run(watch, at('12:00'))
    expect(await owed(watch)).toEqual([])
  })

  test('in a table that another program fills is that program’s silence, not the exchange’s', async () => {
    const { store, source, begin, run, owed } = await setUp({
      now: at('15:00', -3),
      bars: [...yesterday, ...stretch(SYMBOL, at('11:00'), at('15:20'))],
      source: { tellsClosedDays: false },
    })
    await follow(store, 'test', SYMBOL)
    const watch = await begin()
    await run(watch, at('10:59'))
    expect(await owed(watch)).toEqual(['c unfilled 09:00'])
    expect((await openClosedDays({ source, store, log: silent })).has('2026-11-16')).toBe(false)
    await run(await begin(), at('12:00'))
    expect(await owed(await begin())).toEqual(['c unfilled 09:00', 'c back 09:00'])
    expect(await store.bars.range('test', SYMBOL, { from: at('09:00'), to: at('12:00') })).toHaveLength(60)
  })
})
