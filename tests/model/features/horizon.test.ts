import { describe, expect, test } from 'vitest'
import { emptyHorizon, measureGap, measureMove } from '../../../src/model/features/horizon.ts'
import { bar, START } from '../bars.ts'

const usual = { usualVolume: 10, usualTurnover: 1_000, sigma: 0.01 }
const NOTHING = { reference: 0, volume: 0, turnover: 0 }
const measured = (numbers: object, minutes = 1, before = NOTHING) => {
  const into = emptyHorizon(minutes)
  const minute = bar(START, { open: 100, high: 100, low: 100, close: 100, volume: 5, ...numbers })
  measureMove(into, minute, before, 98, minutes, usual, 0.02, 1)
  return into
}

describe('the move over a horizon', () => {
  test('is measured from the last close before the stretch, else from the session’s open', () => {
    expect(measured({}, 4, { reference: 96, volume: 20, turnover: 1_900 })).toMatchObject({
      reference: 96,
      move: Math.log(100 / 96),
      direction: 'up',
      volume: 25,
      turnover: 2_400,
    })
    expect(measured({}).reference).toBe(98)
  })

  test('is that of the high or of the low, whichever is further out', () => {
    expect(measured({ high: 103, low: 90 })).toMatchObject({ direction: 'down', move: Math.log(90 / 98) })
    expect(measured({ high: 110, low: 95 })).toMatchObject({ direction: 'up', move: Math.log(110 / 98) })
  })

  test('has units and usual moves that grow with the root of the minutes, and usual volumes with the minutes', () => {
    const [one, four] = [measured({}), measured({}, 4)]
    expect([four.unit / one.unit, four.usualMove / one.usualMove]).toEqual([2, 2])
    expect([four.usualVolume / one.usualVolume, four.usualTurnover / one.usualTurnover]).toEqual([4, 4])
  })

  test('counts less a tick, and not at all within one', () => {
    const { price, move, tick, unit } = measured({ high: 105 })
    expect(price).toBeCloseTo((move - tick) / unit, 12)
    expect(measured({ high: 99, low: 98, close: 98 }).price).toBe(0)
  })
})

describe('the overnight gap', () => {
  const gapped = (gap: number) => {
    const into = measured({ high: 105 })
    measureGap(into, gap, 120, 0.03, 0.02, 1)
    return into
  }

  test('takes the place of a move that is less odd, with its direction and the close before the session', () => {
    const into = gapped(-0.2)
    expect(into).toMatchObject({ gap: true, direction: 'down', reference: 120, move: -0.2, usualMove: 0.03 })
    expect(into.price).toBeCloseTo((0.2 - 1 / 120) / 0.02, 12)
    expect(into.volume).toBe(5)
  })

  test('changes nothing if the move is odder', () => {
    expect(gapped(0.01)).toEqual(measured({ high: 105 }))
  })
})
