import { expect, test } from 'vitest'
import { createSeededRandom } from '../../../src/model/clusters/random.ts'
import { columnStarts, searchCells } from '../../../src/model/clusters/starts.ts'

test('each column gives a start: the means of its best runs', () => {
  const rows = [
    [0, 7],
    [1, 1],
    [9, 8],
    [10, 2],
  ]
  expect(columnStarts(rows, 2)).toEqual([
    [
      [0.5, 4],
      [9.5, 5],
    ],
    [
      [5.5, 1.5],
      [4.5, 7.5],
    ],
  ])
})

test('a row of weight 3 counts like three equal rows', () => {
  const rows = [[0], [1], [4], [5]]
  const repeated = [[0], [1], [1], [1], [4], [5]]
  expect(columnStarts(rows, 2, Float64Array.of(1, 3, 1, 1))).toEqual(columnStarts(repeated, 2))
})

test('a search over cells gives different starts, the tightest first, and the same for the same seed', () => {
  const random = createSeededRandom(3)
  const rows = Array.from({ length: 2_000 }, () => [(random() - 0.5) / (1 - random()) ** 0.6, 1 / (1 - random())])
  const { best, tried } = searchCells(rows, 3, 1, 5)
  const inertias = best.map(({ inertia }) => inertia)
  expect(inertias).toEqual([...new Set(inertias)].sort((a, b) => a - b))
  for (const { centroids } of best) expect(centroids).toHaveLength(3)
  expect(tried).toBeGreaterThanOrEqual(2 + 5)
  expect(searchCells(rows, 3, 1, 5)).toEqual({ best, tried })
})
