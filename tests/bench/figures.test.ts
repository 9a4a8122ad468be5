import { expect, test } from 'vitest'
import { type Figure, figureRows } from '../../bench/figures.ts'

const figure: Figure = { what: 'a minute', unit: 'ms', values: [30, 10, 20] }

test('a row has the median, the spread and nothing about a goal that there is not', () => {
  expect(figureRows(figure)).toEqual([['a minute', '', '20 ms', '10–30', '', '']])
})

test.for([
  [{ below: 21 }, undefined, '< 21 ms', 'met'],
  [{ below: 20 }, undefined, '< 20 ms', 'missed'],
  [{ atLeast: 20 }, undefined, '≥ 20 ms', 'met'],
  [{ atLeast: 20.1 }, undefined, '≥ 20.1 ms', 'missed'],
  [{ below: 25 }, 0.95, '< 25 ms', 'missed'],
] as const)('goal %o at quantile %s', ([goal, quantile, shown, verdict]) => {
  const [row] = figureRows({ ...figure, goal, ...(quantile === undefined ? {} : { quantile }) })
  expect([row?.[1], row?.[5]]).toEqual([shown, verdict])
})

test('a rival stands below with its distance, and one that is missing with the reason', () => {
  const beside = [
    { name: 'slower', values: [40, 50, 60] },
    { name: 'absent', values: { missing: 'not installed' } },
  ]
  expect(figureRows({ ...figure, beside }).slice(1)).toEqual([
    ['  slower', '', '50 ms', '40–60', '2.50 ×', ''],
    ['  absent', '', '–', '', '', 'not installed'],
  ])
})

test('a row that could not be measured says why, and its rivals stand by themselves', () => {
  const beside = [{ name: 'slower', values: [40] }]
  expect(figureRows({ ...figure, values: { missing: 'no server' }, goal: { below: 1 }, beside })).toEqual([
    ['a minute', '< 1 ms', '–', '', '', 'no server'],
    ['  slower', '', '40 ms', '', '', ''],
  ])
})
