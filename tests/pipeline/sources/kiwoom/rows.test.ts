import { readFileSync } from 'node:fs'
import { describe, expect, type TestContext, test } from 'vitest'
import { barProblem, MINUTE } from '../../../../src/model/time/bar.ts'
import { isBarMinute } from '../../../../src/model/time/session.ts'
import { readTick } from '../../../../src/pipeline/sources/kiwoom/live/ticks.ts'
import { kstInstant, kstTimeOfDay } from '../../../../src/pipeline/sources/kiwoom/numbers.ts'
import { lostVolume, readRow, readRows } from '../../../../src/pipeline/sources/kiwoom/rest/rows.ts'
import { recorded } from '../../../support/data.ts'
import { chartRows } from '../../../support/kiwoom-peer.ts'
import { calendar, kst, market, OPEN } from './setup.ts'

const row = (fields: Record<string, unknown> = {}) => ({
  cur_prc: '-78800',
  trde_qty: '7913',
  cntr_tm: '20250917132000',
  open_pric: '-78850',
  high_pric: '+78900',
  low_pric: '78800',
  acc_trde_qty: '14947571',
  ...fields,
})

describe('a row of the chart', () => {
  test('signs are stripped, times are Korean', () => {
    expect(readRow(row())).toEqual({
      openTime: kst('2025-09-17T13:20:00'),
      open: 78850,
      high: 78900,
      low: 78800,
      close: 78800,
      volume: 7913,
      accumulated: 14947571,
    })
  })

  test.for([
    [{ cur_prc: '' }, 'row 20250917132000: cur_prc is "", expected a price'],
    [{ open_pric: '+0' }, 'row 20250917132000: open_pric is "+0", expected a price'],
    [{ low_pric: '--123' }, 'row 20250917132000: low_pric is "--123", expected a price'],
    [{ high_pric: '1e5' }, 'row 20250917132000: high_pric is "1e5", expected a price'],
    [{ cur_prc: 78800 }, 'row 20250917132000: cur_prc is 78800, expected a price'],
    [{ trde_qty: '' }, 'row 20250917132000: trde_qty is "", expected a number of shares'],
    [{ trde_qty: '-5' }, 'row 20250917132000: trde_qty is "-5", expected a number of shares'],
    [{ trde_qty: undefined }, 'row 20250917132000: trde_qty is absent, expected a number of shares'],
    [{ acc_trde_qty: 'x' }, 'row 20250917132000: acc_trde_qty is "x", expected a number of shares'],
    [{ cntr_tm: '20250917888888' }, 'row ?: cntr_tm is "20250917888888", expected YYYYMMDDHHmmss'],
    [{ cntr_tm: '20250230090000' }, 'row ?: cntr_tm is "20250230090000", expected YYYYMMDDHHmmss'],
    [{ cntr_tm: '20250917132030' }, 'row 20250917132030: openTime is 1758082830000, expected the start of a minute'],
    [{ high_pric: '+78000' }, 'row 20250917132000: high is 78000, expected not below open, low or close'],
  ] as const)('%o is refused: %s', ([fields, problem]) => {
    expect(readRow(row(fields))).toBe(problem)
  })

  test('a row that is no object is refused', () => {
    expect(readRow(null)).toBe('a row is null, expected an object')
  })
})

describe('a page of rows', () => {
  const [stock] = market(1, 2)
  const page = chartRows(stock!, OPEN + 400 * MINUTE, true)

  test('comes back oldest first, each minute once, and every accumulated volume is explained', () => {
    const { rows, problems } = readRows([...page, ...page.slice(0, 5)])
    expect(problems).toEqual([])
    expect(rows).toHaveLength(page.length)
    expect(rows.every(({ openTime }, index) => index === 0 || openTime > rows[index - 1]!.openTime)).toBe(true)
    expect(lostVolume(rows)).toEqual([])
  })

  test('a missing bar shows as the shares that nothing explains', () => {
    const missing = page[100]!
    const { rows } = readRows(page.filter((one) => one !== missing))
    expect(lostVolume(rows)).toEqual([{ openTime: kstInstant(page[99]!.cntr_tm), shares: Number(missing.trde_qty) }])
  })

  test('a day whose two columns follow different rules is not called lossy', () => {
    const { rows } = readRows(page.map((one) => ({ ...one, trde_qty: String(Number(one.trde_qty) * 5) })))
    expect(lostVolume(rows)).toEqual([])
  })

  test('an old answer without the column is taken as it is', () => {
    const { rows } = readRows(page.map(({ acc_trde_qty: _, ...one }) => one))
    expect(rows).toHaveLength(page.length)
    expect(lostVolume(rows)).toEqual([])
  })
})

describe('a trade of the live feed', () => {
  const values = { '20': '090012', '10': '-20800', '15': '-82', '13': '30379732', '290': '2', '9081': '1' }
  test('is read without signs', () => {
    expect(readTick(values, OPEN)).toEqual({
      time: OPEN + 12_000,
      price: 20800,
      size: 82,
      dayVolume: 30379732,
      session: 2,
      exchange: 1,
    })
  })
  test.for([
    [{ '20': '250000' }, 'field 20 (time) is "250000"'],
    [{ '10': '+0' }, 'field 10 (price) is "+0"'],
    [{ '15': '--123' }, 'field 15 (size) is "--123"'],
    [{ '15': '' }, 'field 15 (size) is ""'],
    [{ '13': '81' }, 'field 13 (day\'s volume) is "81"'],
  ] as const)('%o is refused: %s', ([fields, problem]) => {
    expect(readTick({ ...values, ...fields }, OPEN)).toBe(problem)
  })
  test('its time is on the day nearest to now', () => {
    expect(kstTimeOfDay('235959', kst('2026-11-20T00:00:01'))).toBe(kst('2026-11-19T23:59:59'))
    expect(kstTimeOfDay('000001', kst('2026-11-19T23:59:59'))).toBe(kst('2026-11-20T00:00:01'))
  })
})

describe('a real answer (skipped where the file is not)', () => {
  const answer = (context: TestContext) =>
    JSON.parse(readFileSync(recorded('kiwoom/ka10080_005930_5min_20251014-20251029.json', context), 'utf8')) as {
      stk_min_pole_chart_qry: unknown[]
    }

  test('all of its 900 rows are bars, and every accumulated volume is explained', (context) => {
    const { rows, problems } = readRows(answer(context).stk_min_pole_chart_qry)
    expect(problems).toEqual([])
    expect(rows).toHaveLength(900)
    expect(rows.filter((one) => barProblem(one) !== null)).toEqual([])
    expect(rows.every(({ accumulated }) => accumulated !== null)).toBe(true)
    expect(lostVolume(rows)).toEqual([])
  })

  test('only the rows of the off-hours closing price lie outside of the sessions', (context) => {
    const { rows } = readRows(answer(context).stk_min_pole_chart_qry)
    const outside = rows.filter(({ openTime }) => {
      const session = calendar.sessionAt(openTime)
      return session === null || !isBarMinute(session, openTime)
    })
    expect(outside).toHaveLength(11)
    expect(
      outside.every(({ openTime }) => new Date(openTime + 9 * 60 * MINUTE).toISOString().slice(11, 16) === '15:35'),
    ).toBe(true)
  })
})
