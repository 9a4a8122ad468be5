import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLog } from '../../../src/log.ts'
import { barProblem, MINUTE, type Ohlcv } from '../../../src/model/time/bar.ts'
import { kstDigits, kstTime } from '../../../src/model/time/kst-time.ts'
import { isBarMinute } from '../../../src/model/time/session.ts'
import { createKrxCalendar } from '../../../src/pipeline/calendar/krx.ts'
import { validBars } from '../../../src/pipeline/sources/valid-bars.ts'

const calendar = createKrxCalendar()
const OPEN = Date.parse('2026-11-17T09:00+09:00')
const minute = fc.integer({ min: -60, max: 500 }).map((i) => OPEN + i * MINUTE)
const number = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constantFrom(Number.NaN, Infinity))
const rows: fc.Arbitrary<Ohlcv[]> = fc.array(
  fc.record({
    openTime: fc.oneof(minute, fc.integer({ min: OPEN, max: OPEN + 500 * MINUTE })),
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  }),
  { maxLength: 60 },
)
const frame = fc.record({ from: minute, to: minute, now: fc.integer({ min: OPEN, max: OPEN + 500 * MINUTE }) })

test('whatever a source sends, exactly the bars in the frame come through, the later of two rows', () => {
  fc.assert(
    fc.property(rows, frame, (came, { from, to, now }) => {
      const bars = validBars(came, {
        series: 'v',
        symbol: 's',
        interval: { from, to },
        now,
        receivedAt: 7,
        calendar,
        log: createLog('silent'),
      })
      const good = came.filter((row) => {
        const session = barProblem(row) ? null : calendar.sessionAt(row.openTime)
        const traded = row.volume > 0 && session !== null && isBarMinute(session, row.openTime)
        return traded && row.openTime >= from && row.openTime < to && row.openTime + MINUTE <= now
      })
      const times = [...new Set(good.map((row) => row.openTime))].toSorted((a, b) => a - b)
      expect(bars).toEqual(
        times.map((time) => ({
          ...good.findLast((row) => row.openTime === time),
          series: 'v',
          symbol: 's',
          receivedAt: 7,
        })),
      )
    }),
  )
})

test('a moment written in digits is read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
      expect(kstTime(kstDigits(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
  expect(kstDigits(OPEN)).toBe('20261117090000')
})

test.for([
  '',
  '2026',
  '20261301090000',
  '20260230090000',
  '20261117240000',
  '20261117096000',
  '20261117090060',
  'yesterday',
  '2026-11-17 09:00',
])('%j is no moment', (text) => {
  expect(kstTime(text)).toBeNull()
})
