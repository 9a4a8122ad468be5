import { describe, expect, test } from 'vitest'
import { createMinuteIndex } from '../../../src/model/features/minute-index.ts'
import { DAY, MINUTE } from '../../../src/model/time/bar.ts'
import { createDayCalendar, createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { minutesOf, START, sessionsOf, unevenCalendar } from '../bars.ts'

const krx = createWeekdayCalendar()

describe('the index of a minute', () => {
  test.for([
    { name: 'equal sessions', calendar: krx },
    { name: 'sessions of unequal length', calendar: unevenCalendar() },
    { name: 'a market that never closes', calendar: createDayCalendar() },
  ])('goes up by one with each minute that may have a bar, in $name', ({ calendar }) => {
    const place = createMinuteIndex(calendar)
    const sessions = sessionsOf(calendar, 4)
    // A session without a closing auction still has the auction's place.
    const length = calendar.name === '24h' ? 1_440 : null
    let began = 0
    for (const session of sessions) {
      const minutes = minutesOf(session)
      for (const [slot, openTime] of minutes.entries()) {
        expect(place.advance(openTime)).toBe(slot === 0)
        expect([place.session, place.slot, place.index]).toEqual([session, slot, began + slot])
      }
      began += length ?? place.slots + 1
    }
  })

  test('puts the closing auction right after the last continuous minute', () => {
    const place = createMinuteIndex(krx)
    const [session] = sessionsOf(krx, 1)
    place.advance(session!.closingBar!)
    expect([place.slots, place.slot, place.index]).toEqual([380, 380, 380])
  })

  test('counts sessions without a bar, up to four of them', () => {
    const indices = [1, 4, 7, 28].map((days) => {
      const place = createMinuteIndex(krx)
      place.advance(START + 5 * MINUTE)
      expect(place.advance(START + days * DAY)).toBe(true)
      return place.index / 381
    })
    expect(indices).toEqual([1, 4, 5, 5])
  })

  test('is refused outside the sessions, and stays where it was', () => {
    const place = createMinuteIndex(krx)
    place.advance(START)
    expect(() => place.advance(START + 700 * MINUTE)).toThrow('is outside the sessions of weekdays')
    expect([place.slot, place.index]).toEqual([0, 0])
  })
})
