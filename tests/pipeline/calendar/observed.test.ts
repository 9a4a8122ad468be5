import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKrxCalendar } from '../../../src/pipeline/calendar/krx.ts'
import { createObservedCalendar } from '../../../src/pipeline/calendar/observed.ts'
import { dateOfDay, dayOfDate } from '../../../src/pipeline/calendar/sessions.ts'

const at = (text: string) => Date.parse(`${text}+09:00`)
const FIRST = dayOfDate('2026-08-03')

/** Some days of two weeks, weekends among them, and an instant in or beside them. */
const dates = fc.uniqueArray(fc.integer({ min: 0, max: 13 }).map((day) => dateOfDay(FIRST + day)))
const time = fc.integer({ min: at('2026-07-30T00:00'), max: at('2026-08-20T00:00') })

describe('days found closed', () => {
  test('are left out as if the calendar had known them from the start, and are back when they are reopened', () => {
    fc.assert(
      fc.property(dates, dates, time, (closed, reopened, now) => {
        const observed = createObservedCalendar(createKrxCalendar(), reopened)
        for (const date of closed) observed.close(date)
        for (const date of reopened) observed.reopen(date)
        const told = createKrxCalendar({ extraClosed: closed.filter((date) => !reopened.includes(date)) })
        expect(observed.sessionAt(now)).toEqual(told.sessionAt(now))
        expect(observed.lastSession(now)).toEqual(told.lastSession(now))
        expect(observed.nextSession(now)).toEqual(told.nextSession(now))
      }),
      { seed: 3 },
    )
  })

  test('count their reopenings, once each', () => {
    const observed = createObservedCalendar(createKrxCalendar(), ['2026-08-03'])
    observed.reopen('2026-08-04')
    expect(observed.reopenings).toBe(0)
    observed.reopen('2026-08-03')
    observed.reopen('2026-08-03')
    expect(observed.reopenings).toBe(1)
  })

  test('change nothing in the calendar that they are left out of', () => {
    const nominal = createKrxCalendar()
    createObservedCalendar(nominal, ['2026-08-03'])
    expect(nominal.sessionAt(at('2026-08-03T10:00'))?.date).toBe('2026-08-03')
  })
})
