import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCanvasCharts } from '../../../src/bot/charts/canvas.ts'
import type { Chart } from '../../../src/bot/charts/charts.ts'
import { clusterChart } from '../../../src/bot/charts/cluster-chart.ts'
import { plotAxis } from '../../../src/bot/charts/plot-axis.ts'
import { COLOR } from '../../../src/bot/charts/theme.ts'
import { texts } from '../../../src/bot/locale/index.ts'
import { centersOf } from './centers.ts'
import { pixelsOf } from './pixels.ts'

const charts = createCanvasCharts()
const datasets = (chart: Chart) =>
  chart.config.data.datasets as unknown as {
    label: string
    data: { x: number; y: number }[]
    pointStyle: string
    backgroundColor: string | string[]
  }[]
const scales = (chart: Chart) =>
  chart.config.options?.scales as unknown as Record<
    string,
    { labels?: string[]; min: number; max: number; position: unknown }
  >

describe.for([2, 3, 4])('k = %i', (k) => {
  test.for(['model', 'seed'] as const)('is plain JSON of a size that a remote renderer takes (%s)', (features) => {
    const { config } = clusterChart(centersOf({ k, features, points: 3_000 }), texts.ko.charts)
    expect(JSON.parse(JSON.stringify(config))).toStrictEqual(config)
    expect(JSON.stringify(config).length).toBeLessThan(90_000)
  })

  test('tells every cluster by colour and by shape', () => {
    const shown = datasets(clusterChart(centersOf({ k }), texts.ko.charts)).slice(0, k)
    expect(new Set(shown.map(({ pointStyle }) => pointStyle)).size).toBe(k)
    expect(new Set(shown.map(({ backgroundColor }) => backgroundColor)).size).toBe(k)
  })

  test('names every cluster with what it is and how large, and numbers its center', () => {
    const view = centersOf({ k })
    const chart = clusterChart(view, texts.en.charts)
    for (const [i, { size, abnormal }] of view.clusters.entries()) {
      expect(datasets(chart)[i]!.label).toBe(`${i + 1} ${abnormal ? 'abnormal' : 'ordinary'} ${size} min`)
      expect(scales(chart)[`center${i + 1}`]!.labels).toContain(String(i + 1))
    }
  })

  test('shows centers and star where they are', async () => {
    const view = centersOf({ k, features: 'seed' })
    const chart = clusterChart(view, texts.ko.charts)
    const shown = datasets(chart)
    expect(shown[k]!.data).toHaveLength(k)
    expect(shown[k + 1]!.label).toContain('★')
    const { x, y } = scales(chart)
    const picture = await pixelsOf(await charts.png(chart))
    const [first] = shown[k]!.data
    const color = (shown[k]!.backgroundColor as string[])[0]!
    const disc = picture.find(color, { from: [0.1, 0.25] }, 4)
    expect(disc.count).toBeGreaterThan(300)
    // Farther right and higher up for a larger share of the axis: the plot spans about 0.1 … 0.97 and 0.2 … 0.85 of the
    // picture.
    expect(disc.x).toBeGreaterThan(((first!.x - x!.min) / (x!.max - x!.min)) * 0.87)
    expect(disc.y).toBeGreaterThan(0.2 + (1 - (first!.y - y!.min) / (y!.max - y!.min)) * 0.4)
  })
})

test('every point is on the plot, and one point stands where there was one', () => {
  const view = centersOf({ k: 3, features: 'seed', points: 800 })
  const chart = clusterChart(view, texts.ko.charts)
  const { x, y } = scales(chart)
  for (const { data } of datasets(chart))
    expect(
      data.every((point) => point.x >= x!.min && point.x <= x!.max && point.y >= y!.min && point.y <= y!.max),
    ).toBe(true)
  for (const i of [0, 1, 2]) expect(datasets(chart)[i]!.data.length > 0).toBe(view.clusters[i]!.size > 0)
})

describe('where a minute is abnormal, and from where a channel gets an alert', () => {
  const lineOf = (chart: Chart, label: string) => datasets(chart).find((each) => each.label?.endsWith(label))
  const view = centersOf({ k: 4 })

  test.for(['ko', 'en'] as const)('are two lines that the legend names (%s)', (locale) => {
    const { abnormalFrom, alertFrom } = texts[locale].charts
    const chart = clusterChart(view, texts[locale].charts)
    expect(lineOf(chart, abnormalFrom)).toMatchObject({ type: 'line', pointRadius: 0 })
    expect(lineOf(chart, alertFrom)).toMatchObject({ type: 'line', pointRadius: 0 })
    expect(lineOf(chart, abnormalFrom)?.label).toBe(`– – ${abnormalFrom}`)
    expect(abnormalFrom).toBe(locale === 'ko' ? '이상 기준' : 'abnormal from here')
  })

  test('go through their moves, falls like rises, with a gap between', () => {
    const chart = clusterChart(view, texts.en.charts)
    const { x, y } = scales(chart)
    const axes = (values: readonly number[]) => plotAxis(values, texts.en.charts.tick)
    const [across, up] = [axes, axes].map((of, i) =>
      of(
        [...view.points, ...(view.star ? [view.star] : [])]
          .map((point) => (i === 0 ? point.x : point.y))
          .concat(view.clusters.map(({ center }) => Object.values(center)[i]!)),
      ),
    ) as [ReturnType<typeof plotAxis>, ReturnType<typeof plotAxis>]
    expect([across.min, across.max, up.min, up.max]).toEqual([x!.min, x!.max, y!.min, y!.max])
    const { data } = lineOf(chart, texts.en.charts.abnormalFrom)!
    const from = view.thresholds[0]!.abnormal
    const gap = data.findIndex((point) => point.y === null)
    expect(gap).toBe(from.length)
    for (const [i, { multiple, movePercent }] of from.entries()) {
      expect(data[i]!.x).toBeCloseTo(across.place(-movePercent), 3)
      expect(data[gap + 1 + i]!.x).toBeCloseTo(across.place(movePercent), 3)
      for (const point of [data[i]!, data[gap + 1 + i]!]) expect(point.y).toBeCloseTo(up.place(multiple), 3)
    }
  })

  test('leave the channel’s out when its number is used up, and both for the old system’s features', () => {
    const [minute] = view.thresholds
    const used = clusterChart({ ...view, thresholds: [{ ...minute!, alert: null }] }, texts.en.charts)
    expect(lineOf(used, texts.en.charts.abnormalFrom)).toBeDefined()
    expect(lineOf(used, texts.en.charts.alertFrom)).toBeUndefined()
    const seed = clusterChart(centersOf({ k: 2, features: 'seed' }), texts.en.charts)
    expect(lineOf(seed, texts.en.charts.abnormalFrom)).toBeUndefined()
  })

  test('are drawn over the points', async () => {
    const picture = await pixelsOf(await charts.png(clusterChart(view, texts.en.charts)))
    const plain = await pixelsOf(await charts.png(clusterChart({ ...view, thresholds: [] }, texts.en.charts)))
    const plot = { from: [0.13, 0.33], to: [0.97, 0.85] } as const
    expect(picture.find(COLOR.mark, plot, 4).count).toBeGreaterThan(plain.find(COLOR.mark, plot, 4).count + 300)
  })

  test('are of human units: percent across, multiples of the usual volume up', () => {
    const names = (locale: 'ko' | 'en') =>
      ['xTicks', 'yTicks'].map(
        (axis) => (scales(clusterChart(view, texts[locale].charts))[axis] as { title?: { text: string } }).title?.text,
      )
    expect(names('en')).toEqual(['move within the minute (%)', 'volume (times the usual)'])
    expect(names('ko')).toEqual(['1분 사이 가격 변화 (%)', '거래량 (평소의 몇 배)'])
  })
})

test('words say centers, sizes and the star with their numbers', () => {
  const view = centersOf({ k: 3 })
  const { alt } = clusterChart(view, texts.en.charts)
  expect(alt).toContain('400 minutes of K-Bio (038530) in 3 clusters')
  for (const { size } of view.clusters) expect(alt).toContain(`of ${size} min, center (`)
  expect(alt).toContain('The star is')
  expect(alt).toContain('SIMULATED')
  expect(alt.length).toBeLessThanOrEqual(1024)
})

test('a model without points or star still has a picture', async () => {
  const view = { ...centersOf({ k: 2 }), points: [], star: null, clusters: [] }
  expect((await charts.png(clusterChart(view, texts.ko.charts))).length).toBeGreaterThan(1_000)
})

describe('an axis', () => {
  const label = texts.en.charts.tick

  test('of heavy-tailed percentages shows decades on both sides of zero', () => {
    const axis = plotAxis([-100, -50, 0, 80, 120, 900, 10_000, 1_000_000], label)
    expect(axis.ticks.map((tick) => tick.label)).toEqual(['-100', '0', '100', '1K', '10K', '100K', '1M'])
  })

  test('of near values is linear', () => {
    expect(plotAxis([-2, -1, 0, 1, 2], label).ticks.map((tick) => tick.value)).toEqual([-2, -1, 0, 1, 2])
  })

  test('keeps the order of values, holds them all, and has a label inside', () => {
    const value = fc.oneof(
      fc.double({ min: -100, max: 1e7, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.constant(0),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
        const axis = plotAxis(values, label)
        const placed = values.toSorted((a, b) => a - b).map(axis.place)
        expect(
          placed.every((place, i) => place >= axis.min && place <= axis.max && place >= (placed[i - 1] ?? -Infinity)),
        ).toBe(true)
        expect(axis.ticks.length).toBeGreaterThan(0)
        expect(axis.ticks.length).toBeLessThan(11)
        for (const tick of axis.ticks) expect(axis.place(tick.value)).toBeGreaterThanOrEqual(axis.min)
      }),
      { seed: 3, numRuns: 300 },
    )
  })
})
