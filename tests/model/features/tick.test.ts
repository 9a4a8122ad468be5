import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTick } from '../../../src/model/features/tick.ts'
import { naiveTick } from '../../support/naive.ts'

const learned = (steps: readonly number[], tick = createTick()) => {
  for (const step of steps) tick.learn(1_000, 1_000 + step)
  return tick
}

describe('the tick', () => {
  test('is 0 while no price has moved', () => {
    expect(learned([0, 0, 0, 0]).size).toBe(0)
  })

  test('is the step of the last session that a fifth of its steps are smaller than, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 }), (steps) => {
        const tick = learned(steps)
        tick.turn()
        expect(tick.size).toBe(naiveTick(steps))
      }),
      { seed: 7 },
    )
  })

  test('is not shrunk by prices on half ticks, one bar in ten', () => {
    const tick = learned(Array.from({ length: 380 }, (_, i) => (i % 10 === 0 ? 2.5 : 5 * (1 + (i % 3)))))
    tick.turn()
    expect(tick.size).toBe(5)
  })

  test('is the half tick if most prices lie on it', () => {
    const tick = learned([5, 2.5, 5, 2.5, 2.5, 2.5])
    tick.turn()
    expect(tick.size).toBe(2.5)
  })

  test('is the same for rises and falls', () => {
    const tick = createTick()
    for (const price of [995, 1_005, 990, 1_010, 995]) tick.learn(1_000, price)
    expect(tick.size).toBe(5)
  })

  test('is known in the first session from the steps so far, and is that of yesterday afterwards', () => {
    const tick = learned([5, 10, 5, 5])
    expect(tick.size).toBe(5)
    tick.turn()
    expect(learned([1, 1, 1], tick).size).toBe(5)
    tick.turn()
    expect(tick.size).toBe(1)
  })

  test('is forgotten after a session in which no step was as small', () => {
    const tick = learned([5, 5, 5])
    tick.turn()
    learned([10, 10, 10], tick).turn()
    expect(tick.size).toBe(10)
  })

  test('is unknown again when the scale of prices changes', () => {
    const tick = learned([5, 5, 5])
    tick.turn()
    learned([5, 5, 5], tick).clear()
    expect(tick.size).toBe(0)
  })

  test('keeps its size against the price when prices are inverted, up to how far prices lie apart', () => {
    const [plain, turned] = [createTick(), createTick()]
    for (let i = 0; i < 200; i++) {
      const [a, b] = [5_000 + 5 * (i % 7), 5_000 + 5 * ((i * 3) % 11)]
      plain.learn(a, b)
      turned.learn(1 / a, 1 / b)
    }
    expect((turned.size * 5_000) / (plain.size / 5_000)).toBeCloseTo(1, 1)
  })
})
