import { expect, test } from 'vitest'
import { createCanvasCharts } from '../../../src/bot/charts/canvas.ts'
import type { Chart, Charts } from '../../../src/bot/charts/charts.ts'
import { createSharedCharts } from '../../../src/bot/charts/shared.ts'

const chart = (value: number): Chart => ({
  config: { type: 'bar', data: { labels: ['09:00'], datasets: [{ data: [value] }] } },
  width: 120,
  height: 80,
  alt: `${value}`,
})
/** Charts that are really drawn, and their number. */
const counted = () => {
  const inner = createCanvasCharts()
  const drawn: Chart[] = []
  let fails = false
  const charts: Charts = {
    async png(one) {
      drawn.push(one)
      if (fails) throw new Error('no memory')
      return inner.png(one)
    },
  }
  const fail = (does: boolean) => {
    fails = does
  }
  return { drawn, fail, shared: createSharedCharts(charts) }
}

test('equal charts are drawn once, at once or later; another one is drawn by itself', async () => {
  const { drawn, shared } = counted()
  const [first, second] = await Promise.all([shared.png(chart(1)), shared.png(chart(1))])
  expect(second).toBe(first)
  expect(await shared.png(chart(1))).toBe(first)
  expect((await shared.png(chart(2))).equals(first)).toBe(false)
  expect(drawn.length).toBe(2)
})

test('one that could not be drawn is drawn anew', async () => {
  const { drawn, fail, shared } = counted()
  fail(true)
  await expect(shared.png(chart(1))).rejects.toThrow('no memory')
  fail(false)
  expect((await shared.png(chart(1))).subarray(1, 4).toString()).toBe('PNG')
  expect(drawn.length).toBe(2)
})
