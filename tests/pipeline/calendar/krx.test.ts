import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SetupError } from '../../../src/errors.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { barMinutes, type Calendar, isBarMinute, KST_OFFSET } from '../../../src/model/time/session.ts'
import { nextKnownSession, unknownDays } from '../../../src/pipeline/calendar/known-days.ts'
import { createKrxCalendar } from '../../../src/pipeline/calendar/krx.ts'
import { createDayCalendar, createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { dateOfDay, dayOfDate } from '../../../src/pipeline/calendar/sessions.ts'
import { recorded } from '../../support/data.ts'
import { naiveLastSession, naiveNextSession } from './naive.ts'

const krx = createKrxCalendar()
const at = (text: string) => Date.parse(`${text}+09:00`)
const sessionOf = (date: string, calendar: Calendar = krx) => calendar.sessionAt(at(`${date}T13:00`))
const clock = (time: number) => new Date(time + KST_OFFSET).toISOString().slice(11, 16)

describe('KRX', () => {
  test('2025 to 2027 agree with the table of closed days, day by day (skipped where the file is not)', (context) => {
    const { closed, special } = JSON.parse(
      readFileSync(recorded('krx-closed-days-2025-2027.json', context), 'utf8'),
    ) as {
      closed: Record<string, { date: string }[]>
      special: { date: string; open: string; close: string }[]
    }
    const closedDates = new Set(Object.values(closed).flatMap((days) => days.map(({ date }) => date)))
    for (let day = dayOfDate('2025-01-01'); day <= dayOfDate('2027-12-31'); day++) {
      const date = dateOfDay(day)
      const weekend = [0, 6].includes(new Date(`${date}T00:00Z`).getUTCDay())
      const session = sessionOf(date)
      expect(session === null, date).toBe(weekend || closedDates.has(date))
      if (session === null) continue
      const hours = special.find((one) => one.date === date) ?? { open: '09:00', close: '15:30' }
      expect([clock(session.open), clock(session.closingBar ?? 0)], date).toEqual([hours.open, hours.close])
    }
  })

  test.for([
    ['2026-08-20', '09:00', '15:20', '15:30', 381, 'an ordinary day'],
    ['2026-01-02', '10:00', '15:20', '15:30', 321, 'the first trading day opens an hour late'],
    ['2023-01-02', '10:00', '15:20', '15:30', 321, 'and did so in earlier years'],
    ['2025-11-13', '10:00', '16:20', '16:30', 381, 'on the day of the entrance examination all is an hour later'],
    ['2020-12-03', '10:00', '16:20', '16:30', 381, 'also when that day had been put off'],
  ] as const)('%s trades from %s to %s and at %s, %i minutes: %s', ([date, open, end, closing, minutes]) => {
    const session = sessionOf(date)!
    expect(session.date).toBe(date)
    expect([clock(session.open), clock(session.continuousEnd), clock(session.closingBar!)]).toEqual([
      open,
      end,
      closing,
    ])
    expect(session.close).toBe(session.closingBar! + MINUTE)
    expect(barMinutes(session)).toBe(minutes)
  })

  test.for([
    ['2018-05-01', 'Labour Day before it was a public holiday'],
    ['2023-12-29', 'the last weekday of a year that ends on a Sunday'],
    ['2021-12-31', 'the last weekday of a year'],
    ['2024-10-01', 'a holiday declared on short notice'],
    ['2026-07-17', 'Constitution Day, a holiday again'],
    ['2026-08-22', 'a Saturday'],
  ])('%s is closed: %s', ([date]) => expect(sessionOf(date!)).toBeNull())

  test('between 15:20 and 15:30 the session goes on and no bar starts', () => {
    const session = krx.sessionAt(at('2026-08-20T15:25'))!
    const minutes = Array.from({ length: 15 }, (_, minute) => at('2026-08-20T15:18') + minute * MINUTE)
    expect(minutes.filter((minute) => isBarMinute(session, minute)).map(clock)).toEqual(['15:18', '15:19', '15:30'])
    expect(krx.sessionAt(at('2026-08-20T15:30:59.999'))).toBe(session)
    expect(krx.sessionAt(at('2026-08-20T15:31'))).toBeNull()
    expect(krx.sessionAt(at('2026-08-20T08:59:59.999'))).toBeNull()
  })

  test.for(['2017-12-31T12:00', '2028-01-01T00:00', '2031-05-05T12:00'])(
    '%s: an unknown year is the operator’s to mend, and the error says how',
    (time) => {
      expect(() => krx.sessionAt(at(time))).toThrow(SetupError)
      expect(() => krx.sessionAt(at(time))).toThrow(
        /update the package @hyunbinseo\/holidays-kr, or list the year in "years" .* of the file named by CALENDAR_FILE/,
      )
    },
  )

  test('the session after the last known one is an error, not a guess', () => {
    expect(krx.nextSession(at('2027-12-30T08:59')).date).toBe('2027-12-30')
    expect(() => krx.nextSession(at('2027-12-30T12:00'))).toThrow(SetupError)
    expect(nextKnownSession(krx, at('2027-12-30T08:59'))?.date).toBe('2027-12-30')
    expect(nextKnownSession(krx, at('2027-12-30T12:00'))).toBeNull()
    expect(krx.lastSession(at('2027-12-31T23:00')).date).toBe('2027-12-30')
    expect(unknownDays(krx, at('2027-12-31T23:00'))).toBeNull()
    expect(unknownDays(krx, at('2028-01-01T00:00'))).toMatch(/not those of 2028-01-01/)
  })

  test('late notices close, open and shift days; extra closed days close', () => {
    const calendar = createKrxCalendar({
      extraClosed: ['2026-08-19'],
      overrides: {
        closed: ['2026-08-20', '2028-01-03'],
        special: [
          { date: '2026-08-21', open: '11:00', close: '16:00' },
          { date: '2026-10-09', open: '09:00', close: '15:30' },
        ],
        years: [2028],
      },
    })
    expect(sessionOf('2026-08-19', calendar)).toBeNull()
    expect(sessionOf('2026-08-20', calendar)).toBeNull()
    const shifted = sessionOf('2026-08-21', calendar)!
    expect([clock(shifted.open), clock(shifted.continuousEnd), clock(shifted.close)]).toEqual([
      '11:00',
      '15:50',
      '16:01',
    ])
    expect(sessionOf('2026-10-09', calendar)?.date).toBe('2026-10-09')
    expect(clock(sessionOf('2028-01-04', calendar)!.open)).toBe('10:00')
  })

  test('a time that is none is refused', () =>
    expect(() => krx.lastSession(Number.NaN)).toThrow('time is NaN, expected epoch milliseconds'))
})

describe('other markets', () => {
  test('weekdays: KRX hours, no holidays, no year unknown', () => {
    const calendar = createWeekdayCalendar()
    expect(sessionOf('2026-01-01', calendar)).toMatchObject({ date: '2026-01-01', open: at('2026-01-01T09:00') })
    expect(sessionOf('2199-01-01', calendar)?.date).toBe('2199-01-01')
    expect(sessionOf('2026-08-22', calendar)).toBeNull()
  })

  test('24h: every UTC day is one session without a gap', () => {
    const session = createDayCalendar().sessionAt(Date.parse('2026-08-22T23:59:59Z'))!
    expect(session).toEqual({
      date: '2026-08-22',
      open: Date.parse('2026-08-22T00:00Z'),
      continuousEnd: Date.parse('2026-08-23T00:00Z'),
      closingBar: null,
      close: Date.parse('2026-08-23T00:00Z'),
    })
    expect(barMinutes(session)).toBe(1440)
  })
})

describe.each([krx, createWeekdayCalendar(), createDayCalendar()])('$name', (calendar) => {
  const time = fc.integer({ min: Date.parse('2018-02-01T00:00Z'), max: Date.parse('2027-12-01T00:00Z') })

  test('last and next session agree with a walk over all half-hours', () => {
    fc.assert(
      fc.property(time, (now) => {
        expect(calendar.lastSession(now)).toEqual(naiveLastSession(calendar, now))
        expect(calendar.nextSession(now)).toEqual(naiveNextSession(calendar, now))
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('sessions follow each other without overlap, and each contains exactly its own instants', () => {
    fc.assert(
      fc.property(time, (now) => {
        const last = calendar.lastSession(now)
        const next = calendar.nextSession(now)
        expect(last.open <= now && now < next.open && last.close <= next.open).toBe(true)
        expect(calendar.sessionAt(now)).toBe(now < last.close ? last : null)
        expect(calendar.nextSession(last.open)).toBe(next)
        expect(calendar.lastSession(next.open - 1)).toBe(last)
      }),
      { seed: 2, numRuns: 300 },
    )
  })
})
