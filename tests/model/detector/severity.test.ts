import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRanking } from '../../../src/model/detector/severity.ts'
import { naiveRank } from '../../support/naive.ts'

test('a rank is what counting gives', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 120 }), (scores) => {
      const ranking = createRanking()
      scores.forEach((score, i) => {
        expect(ranking.add(score)).toBe(naiveRank(scores.slice(0, i), score))
        expect(ranking.count).toBe(i + 1)
      })
    }),
    { seed: 7 },
  )
})
