import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SetupError } from '../../../../src/errors.ts'
import { type Bar, MINUTE } from '../../../../src/model/time/bar.ts'
import { readBarsCsv } from '../../../../src/pipeline/bars-file/read.ts'
import { createReplayClock, tradingTimes } from '../../../../src/pipeline/sources/csv/clock.ts'
import { type CsvSourceOptions, createCsvSource } from '../../../../src/pipeline/sources/csv/source.ts'
import { recorded } from '../../../support/data.ts'
import { setupContract, sourceContract } from '../contract.ts'
import { tempFile } from './files.ts'

const never = new AbortController().signal
const HEADER = 'symbol,time,open,high,low,close,volume'
const DAY = Date.parse('2026-08-20T00:00+09:00')
const at = (time: string, date = '2026-08-20') => Date.parse(`${date}T${time}+09:00`)
const row = (symbol: string, time: number, volume = 100) => `${symbol},${time},1085,1090,1080,1088,${volume}`
const file = (rows: readonly string[]) => tempFile('bars.csv', [HEADER, ...rows, ''].join('\n'))

/** Writes two stocks over one morning and the next day's; only 038530 trades after lunch. */
const twoDays = () => {
  const rows: string[] = []
  for (const date of ['2026-08-20', '2026-08-21']) {
    for (let minute = at('09:00', date); minute < at('09:40', date); minute += MINUTE) {
      rows.push(row('038530', minute))
      if (minute % (3 * MINUTE) === 0) rows.push(row('005930', minute))
    }
    rows.push(row('038530', at('13:00', date)), row('038530', at('15:30', date)))
  }
  return file(rows)
}

/** A source whose wall clock the test moves. */
const setup = (options: Partial<CsvSourceOptions> & { path: string }) => {
  let wall = Date.parse('2026-09-01T00:00Z')
  const reported: string[] = []
  const source = createCsvSource({
    speed: 60,
    hours: 'krx',
    now: () => wall,
    resumeAt: null,
    report: (sentence) => reported.push(sentence),
    ...options,
  })
  const pass = (ms: number): void => {
    wall += ms
  }
  return { source, reported, pass }
}

sourceContract('csv', async () => {
  const { source, pass } = setup({ path: twoDays(), resumeAt: at('09:38', '2026-08-21') })
  return { source, pass, symbol: '038530', interval: { from: DAY, to: at('09:30', '2026-08-21') }, unknown: '000660' }
})
setupContract('csv', async () => {
  const { source } = setup({ path: tempFile('bars.csv', 'symbol,time\n') })
  return { source, symbol: '038530', interval: { from: 0, to: DAY } }
})

describe('the replay', () => {
  test('begins at the first bar and runs at its speed, showing each minute when it has closed', async () => {
    const { source, pass } = setup({ path: twoDays() })
    await source.open(never)
    const newest = async () => (await source.fetchBars('038530', { from: 0, to: Infinity }, never)).at(-1)?.openTime
    expect(source.now()).toBe(at('09:00'))
    expect(await newest()).toBeUndefined()
    pass(999)
    expect(await newest()).toBeUndefined()
    pass(1)
    expect(source.now()).toBe(at('09:01'))
    expect(await newest()).toBe(at('09:00'))
    pass(9_500)
    expect(source.now()).toBe(at('09:10:30'))
    expect(await newest()).toBe(at('09:09'))
  })

  test('jumps over lunch and night, and stands still at the end', async () => {
    const { source, pass } = setup({ path: twoDays() })
    await source.open(never)
    const seen: number[] = []
    for (let second = 0; second < 90; second++) {
      seen.push(source.now())
      pass(1_000)
    }
    const jumps = seen
      .slice(1)
      .flatMap((time, index) => (time - seen[index]! > MINUTE ? [[seen[index]! + MINUTE, time]] : []))
    expect(jumps).toEqual([
      [at('09:40'), at('13:00')],
      [at('13:01'), at('15:30')],
      [at('15:31'), at('09:00', '2026-08-21')],
      [at('09:40', '2026-08-21'), at('13:00', '2026-08-21')],
      [at('13:01', '2026-08-21'), at('15:30', '2026-08-21')],
    ])
    expect(new Set(seen.slice(-5))).toEqual(new Set([at('15:31', '2026-08-21')]))
    expect(await source.fetchBars('038530', { from: 0, to: Infinity }, never)).toHaveLength(84)
  })

  test('after a restart goes on behind the newest stored minute', async () => {
    const path = twoDays()
    for (const [resumeAt, begins] of [
      [at('09:10'), at('09:11')],
      [at('09:39'), at('13:00')],
      [at('15:30'), at('09:00', '2026-08-21')],
      [at('15:30', '2026-08-21'), at('15:31', '2026-08-21')],
    ] as const) {
      const { source } = setup({ path, resumeAt })
      await source.open(never)
      expect(source.now()).toBe(begins)
    }
  })

  test('at max has the whole file at once', async () => {
    const { source } = setup({ path: twoDays(), speed: 'max' })
    await source.open(never)
    expect(source.now()).toBe(at('15:31', '2026-08-21'))
    expect(await source.fetchBars('005930', { from: 0, to: Infinity }, never)).toHaveLength(28)
  })

  test('a clock that is set back does not turn it round, and a night of sleep is not raced through', async () => {
    const { source, pass } = setup({
      path: file(Array.from({ length: 380 }, (_, minute) => row('038530', at('09:00') + minute * MINUTE))),
      speed: 1,
    })
    await source.open(never)
    source.now()
    pass(60_000)
    expect(source.now()).toBe(at('09:01'))
    pass(-86_400_000)
    expect(source.now()).toBe(at('09:01'))
    pass(8 * 3_600_000)
    expect(source.now()).toBe(at('09:06'))
  })

  test('asks for as many sessions of history as it has shown', async () => {
    const { source, pass } = setup({ path: twoDays() })
    await source.open(never)
    expect([source.historySessions, source.capacity]).toEqual([1, 2])
    source.now()
    pass(60_000)
    expect(source.now()).toBeGreaterThan(at('09:00', '2026-08-21'))
    expect(source.historySessions).toBe(2)
  })
})

describe('what a file may hold beside good minutes', () => {
  test('rows outside the hours and minutes without a trade are left out and said once', async () => {
    const { source, reported } = setup({
      path: file([
        row('038530', at('08:59')),
        row('038530', at('09:00')),
        row('038530', at('09:01'), 0),
        row('038530', at('15:25')),
        row('038530', at('15:35')),
      ]),
      speed: 'max',
    })
    await source.open(never)
    expect(
      (await source.fetchBars('038530', { from: 0, to: Infinity }, never)).map(({ openTime }) => openTime),
    ).toEqual([at('09:00')])
    expect(reported).toEqual(["bars.csv: 4 rows were left out: without a trade, or outside the market's hours (krx)"])
  })

  test('in a 24-hour market every minute counts, and names are as they are', async () => {
    const { source, reported } = setup({
      path: file([row('A038530', at('03:00')), row('BTC-KRW', at('15:25'))]),
      hours: '24h',
      speed: 'max',
    })
    await source.open(never)
    expect((await source.listings(never)).map(({ symbol }) => symbol)).toEqual(['A038530', 'BTC-KRW'])
    expect(source.now()).toBe(at('15:26'))
    expect(reported).toEqual([])
  })

  test('a code that a spreadsheet took for a number is the stock that import keeps it as', async () => {
    const path = file([row('38530', at('09:00')), row('A005930', at('09:00'))])
    const { source } = setup({ path })
    await source.open(never)
    const listed = (await source.listings(never)).map(({ symbol }) => symbol)
    expect(listed).toEqual(['038530', '005930'])
    expect(listed).toEqual([...(await readBarsCsv(path)).bars.keys()])
  })

  test('bad rows are reported, and the good ones replayed', async () => {
    const { source, reported } = setup({
      path: file([row('038530', at('09:00')), `${row('038530', at('09:01'))}x`]),
      speed: 'max',
    })
    await source.open(never)
    expect(reported).toEqual(['bars.csv line 3, column volume: expected a number like 1234.5, came "100x"'])
    expect(await source.fetchBars('038530', { from: 0, to: Infinity }, never)).toHaveLength(1)
  })

  test('a replay that is already at its end is reported', async () => {
    const { source, reported } = setup({ path: twoDays(), resumeAt: at('15:30', '2026-08-21') })
    await source.open(never)
    expect(reported).toEqual(['bars.csv: its last minute was replayed before; the clock stands at its end'])
  })

  test.for([
    ['no setting', '', /^CSV_FILE is not set: name the file of bars to replay/],
    ['no file', '/nowhere/bars.csv', /^CSV_FILE: \/nowhere\/bars\.csv does not exist/],
  ] as const)('%s is a SetupError', async ([, path, sentence]) => {
    const opening = setup({ path }).source.open(never)
    await expect(opening).rejects.toThrow(SetupError)
    await expect(opening).rejects.toThrow(sentence)
  })

  test('no bar inside the hours, or of a year that the calendar does not know, is a SetupError', async () => {
    await expect(setup({ path: file([row('038530', at('18:00'))]) }).source.open(never)).rejects.toThrow(
      /^CSV_FILE: .*bars\.csv has no usable bar: expected trades inside the market's hours, krx \(CSV_HOURS=24h takes any hour\)$/,
    )
    await expect(setup({ path: file([row('038530', at('09:00', '2015-08-20'))]) }).source.open(never)).rejects.toThrow(
      /bars\.csv: the KRX calendar knows the holidays of 2018 to/,
    )
  })

  test('a speed that is none is refused, and so is asking before it is open', async () => {
    for (const speed of [0, -1, Number.NaN, Infinity])
      expect(() => setup({ path: 'x', speed })).toThrow(`speed is ${speed}, expected a number above 0, or max`)
    expect(() => setup({ path: 'x' }).source.now()).toThrow('is not open')
  })
})

describe('the clock', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 60 })
  const steps = fc.array(fc.integer({ min: 0, max: 400 * MINUTE }), { maxLength: 30 })

  test('never goes back, never leaves the file, and jumps only over more than half an hour of silence', () => {
    fc.assert(
      fc.property(minutes, steps, (opens, waits) => {
        const bars = opens.toSorted((a, b) => a - b).map((minute) => ({ openTime: minute * MINUTE }) as Bar)
        const times = tradingTimes([bars])
        const [first, last] = [bars[0]!.openTime, bars.at(-1)!.openTime + MINUTE]
        let running = 0
        const clock = createReplayClock(times, () => running, 1, null)
        expect(clock()).toBe(first)
        for (const wait of waits) {
          const before = clock()
          running += wait
          const now = clock()
          expect(now >= before && now <= last).toBe(true)
          const skipped = now - before - wait
          const silences = [...bars.slice(1)].reduce((sum, { openTime }, index) => {
            const silence = openTime - (bars[index]!.openTime + MINUTE)
            return openTime > before && openTime <= now && silence > 30 * MINUTE ? sum + silence : sum
          }, 0)
          if (now < last) expect(skipped).toBe(silences)
        }
        running += 3_000 * MINUTE
        expect(clock()).toBe(last)
      }),
      { seed: 4, numRuns: 300 },
    )
  })
})

describe('recorded files', () => {
  test.for([
    // Two of the file's 1,075 stocks traded only in a closing auction that the file puts at 15:29.
    ['krx/bars-20190920.csv.gz', 'krx', 1_073, '2019-09-20T06:20:00.000Z'],
    ['detection/bars.csv.gz', '24h', 29, null],
  ] as const)('%s is replayed (skipped where the file is not)', async ([name, hours, symbols, end], context) => {
    const path = recorded(name, context)
    const { source, pass } = setup({ path, hours, speed: 6_000 })
    await source.open(never)
    expect(source.capacity).toBe(symbols)
    source.now()
    const begin = source.now()
    pass(4_000)
    expect(source.now()).toBeGreaterThan(begin)
    let previous = -1
    for (let round = 0; round < 10_000 && source.now() !== previous; round++) {
      previous = source.now()
      pass(300_000)
    }
    if (end !== null) expect(new Date(source.now()).toISOString()).toBe(end)
    const [listing] = await source.listings(never)
    expect((await source.fetchBars(listing!.symbol, { from: 0, to: Infinity }, never)).length).toBeGreaterThan(100)
  })
})
