import { describe, expect, test } from 'vitest'
import { createHistory, ROWS } from '../../../src/model/detector/history.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { naiveAlertsFrom } from '../../support/naive.ts'
import { pastOf, readingOf, SESSION_MINUTES, surgesOf, timeOf } from '../past.ts'

describe('a history', () => {
  test('without a minute has no rows and spans nothing', () => {
    const history = createHistory(2, 20)
    expect([history.count, history.sessions, history.rows(0), history.rows(1)]).toEqual([0, 0, [], []])
  })

  test('keeps the minutes of each horizon in single precision, oldest first', () => {
    const history = pastOf([1.1, 2.2], [3.3, 4.4])
    expect(history.rows(1)).toEqual([
      { openTime: timeOf(0), surge: Math.fround(3.3), move: Math.fround(-3.3 / 1_000), multiple: Math.fround(3 * 3.3) },
      { openTime: timeOf(1), surge: Math.fround(4.4), move: Math.fround(-4.4 / 1_000), multiple: Math.fround(3 * 4.4) },
    ])
  })

  test.for([511, 512, 513, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 700])(
    'of %i minutes holds the newest 4,096 at most',
    (count) => {
      const surges = Array.from({ length: count }, (_, i) => i)
      const rows = pastOf(surges).rows(0)
      expect(rows.map(({ surge }) => surge)).toEqual(surges.slice(-ROWS))
      expect(rows.map(({ openTime }) => openTime)).toEqual(surges.slice(-ROWS).map(timeOf))
      const { surges: column, moves, multiples } = pastOf(surges).columns(0)
      expect(rows).toEqual(
        rows.map(({ openTime }, i) => ({ openTime, surge: column[i], move: moves[i], multiple: multiples[i] })),
      )
    },
  )

  test('counts all minutes ever, those that gave way included', () => {
    expect(pastOf(surgesOf(ROWS + 5, 1)).count).toBe(ROWS + 5)
  })

  test('counts the alerts of each horizon in its own unit', () => {
    const [minute, stretch] = [surgesOf(300, 2, 2), surgesOf(300, 3, 2)]
    const history = pastOf(minute, stretch)
    for (const [h, surges] of [minute, stretch].entries()) {
      const scores = surges.map((surge, i) => ({ openTime: timeOf(i), score: Math.log1p(surge) }))
      expect(history.alerts(h).counts).toEqual(
        naiveAlertsFrom(
          scores,
          Array.from({ length: 32 }, (_, level) => 0.25 * (level + 1)),
        ),
      )
    }
  })

  test('spans the part of the session that it has seen', () => {
    expect(pastOf(surgesOf(100, 1)).sessions).toBeCloseTo(100 / SESSION_MINUTES, 12)
  })

  test('lets sessions that are over count for less, and their alerts alike', () => {
    const history = createHistory(1, 1)
    history.turn(0, 100)
    history.add(0, readingOf(0, [Math.expm1(1)]), Float64Array.of(1), 1)
    history.turn(100, 100)
    history.turn(200, 100)
    history.add(200 * MINUTE, readingOf(200, [0]), Float64Array.of(0), 0)
    expect(history.sessions).toBeCloseTo(0.5 * (0.5 * 1 + 1) + 0.01, 12)
    expect(history.alerts(0).counts[3]).toBeCloseTo(0.25, 12)
    expect(history.combinedAlerts).toEqual(history.alerts(0))
  })

  test('that begins in the middle of a session does not count what came before', () => {
    const history = createHistory(1, 20)
    history.turn(0, 100)
    history.add(60 * MINUTE, readingOf(60, [0]), Float64Array.of(0), 0)
    expect(history.sessions).toBeCloseTo(0.01, 12)
  })
})
