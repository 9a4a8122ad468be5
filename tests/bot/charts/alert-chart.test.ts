import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alertChart } from '../../../src/bot/charts/alert-chart.ts'
import type { Chart } from '../../../src/bot/charts/charts.ts'
import { COLOR } from '../../../src/bot/charts/theme.ts'
import { texts } from '../../../src/bot/locale/index.ts'
import { withPicture } from '../../../src/bot/messages/picture.ts'
import { createLog } from '../../../src/log.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { MONDAY_OPEN, marketBars, spanOf, stockOf, unusualAt } from '../../support/bars.ts'

const datasetOf = (chart: Chart, label: string) => {
  const dataset = chart.config.data.datasets.find((each) => each.label === label)
  if (dataset === undefined) throw new Error(`no dataset ${label}`)
  return dataset as unknown as {
    data: (number | [number, number] | null)[]
    backgroundColor: string[]
    pointRadius: number[]
  }
}
const scaleOf = (chart: Chart, name: string) =>
  chart.config.options?.scales?.[name] as unknown as {
    min: number
    max: number
    labels: string[]
    grid: { color: string[] }
    ticks: { stepSize: number; format: { minimumFractionDigits: number; maximumFractionDigits: number } }
  }
const words = (chart: Chart) => JSON.stringify(chart.config)

const pumped = (seed = 1) => {
  const span = spanOf(marketBars({ seed, minutes: 90, pumpAt: 60, liquidity: 1 }))
  return {
    stock: stockOf(),
    span,
    minute: unusualAt(span, 60),
    marks: [60, 61].map((i) => span.bars[i]!.openTime),
  }
}

describe('the configuration', () => {
  test.for(['ko', 'en'] as const)('is plain JSON and comes back the same (%s)', (locale) => {
    const { config } = alertChart(
      { ...pumped(), stock: stockOf({ provenance: { kind: 'simulated' } }) },
      texts[locale].charts,
    )
    expect(JSON.parse(JSON.stringify(config))).toStrictEqual(config)
  })

  test('has the same value for the same view', () => {
    expect(alertChart(pumped(), texts.ko.charts)).toStrictEqual(alertChart(pumped(), texts.ko.charts))
  })

  test('of four hundred minutes is small enough for a remote renderer', () => {
    const span = spanOf(marketBars({ seed: 3, minutes: 400, price: 0.00001234, tick: 1e-8, symbol: 'COIN' }))
    const chart = alertChart(
      { stock: stockOf({ symbol: 'COIN' }), span, marks: span.bars.slice(0, 40).map((bar) => bar.openTime) },
      texts.ko.charts,
    )
    expect(words(chart).length).toBeLessThan(60_000)
  })
})

describe('candles', () => {
  test('are red when they rise, blue when they fall, grey when they do neither', () => {
    const flat = marketBars({ seed: 1, minutes: 3, liquidity: 1 }).map((bar) => ({
      ...bar,
      open: 100,
      high: 120,
      low: 90,
      close: 100,
    }))
    const bars = [{ ...flat[0]!, close: 110 }, { ...flat[1]!, close: 95 }, flat[2]!]
    const chart = alertChart({ stock: stockOf(), span: spanOf(bars), marks: [] }, texts.ko.charts)
    expect(datasetOf(chart, 'body').data).toEqual([
      [100, 110],
      [100, 95],
      [100, 100],
    ])
    expect(datasetOf(chart, 'wick').data).toEqual([
      [90, 120],
      [90, 120],
      [90, 120],
    ])
    expect(datasetOf(chart, 'body').backgroundColor).toEqual([COLOR.up, COLOR.down, COLOR.flat])
  })

  test('leave the place of a minute without a trade empty, while what is usual goes on', () => {
    const all = spanOf(marketBars({ seed: 1, minutes: 40, liquidity: 1 }))
    const without = <T>(list: readonly T[]) => list.filter((_, i) => i !== 20)
    const chart = alertChart(
      { stock: stockOf(), span: { bars: without(all.bars), usual: without(all.usual) }, marks: [] },
      texts.ko.charts,
    )
    const { data } = datasetOf(chart, 'body')
    expect(data).toHaveLength(40)
    expect(data[20]).toBeNull()
    expect(data[21]).not.toBeNull()
    expect(datasetOf(chart, '평소 거래량').data[20]).toBe(datasetOf(chart, '평소 거래량').data[21])
  })

  test('of several minutes open first, close last and add up volume and its usual', () => {
    const bars = marketBars({ seed: 2, minutes: 390, liquidity: 1 })
    const usual = bars.map((bar) => ({ volume: 100, low: bar.open * 0.99, high: bar.open / 0.99 }))
    const chart = alertChart({ stock: stockOf(), span: { bars, usual }, marks: [] }, texts.ko.charts)
    const three = bars.slice(3, 6)
    expect(datasetOf(chart, 'body').data[1]).toEqual([three[0]!.open, three[2]!.close])
    expect(datasetOf(chart, 'wick').data[1]).toEqual([
      Math.min(...three.map((b) => b.low)),
      Math.max(...three.map((b) => b.high)),
    ])
    expect(datasetOf(chart, '거래량').data[1]).toBe(three.reduce((sum, bar) => sum + bar.volume, 0))
    expect(datasetOf(chart, '평소 거래량').data[1]).toBe(300)
    expect(datasetOf(chart, '평소 가격 범위').data[1]).toBeCloseTo(three[0]!.open * 0.99 ** -Math.sqrt(3), 2)
    expect(words(chart)).toContain('3분봉')
  })
})

describe('marks', () => {
  test('stand in the columns of their minutes, the largest on the minute in question', () => {
    const chart = alertChart(pumped(), texts.ko.charts)
    const { data, pointRadius } = datasetOf(chart, 'mark')
    expect(data.flatMap((value, i) => (value === null ? [] : [i]))).toEqual([60, 61])
    expect(Math.max(...pointRadius)).toBe(pointRadius[60])
    expect(datasetOf(chart, '거래량').backgroundColor[60]).toBe(COLOR.mark)
    expect(datasetOf(chart, '거래량').backgroundColor[59]).not.toBe(COLOR.mark)
    expect(scaleOf(chart, 'marks').labels[60]).toBe('10:00')
  })

  test('name the minute of the alert alone, though a later one of its episode was further out', () => {
    const view = pumped()
    const bars = view.span.bars.map((bar, i) =>
      i === 61 ? { ...bar, high: bar.high * 1.2, volume: bar.volume * 9 } : bar,
    )
    const chart = alertChart({ ...view, span: { ...view.span, bars } }, texts.ko.charts)
    expect(scaleOf(chart, 'marks').labels.filter((label) => label !== '')).toEqual(['10:00'])
    const { pointRadius, data } = datasetOf(chart, 'mark')
    expect(data[61]).not.toBeNull()
    expect(pointRadius[61]).toBeLessThan(pointRadius[60]! / 2)
    expect(datasetOf(chart, '거래량').backgroundColor.flatMap((color, i) => (color === COLOR.mark ? [i] : []))).toEqual(
      [60],
    )
    expect(String(chart.config.options?.plugins?.title?.text)).toContain('10:00')
    expect(chart.alt).toContain('이상한 분 10:00')
  })

  test('stand above the high of their candle, inside the picture', () => {
    const view = pumped()
    const chart = alertChart(view, texts.ko.charts)
    const mark = datasetOf(chart, 'mark').data[60] as number
    expect(mark).toBeGreaterThan(view.span.bars[60]!.high)
    expect(mark).toBeLessThan(scaleOf(chart, 'price').max)
  })

  test('name the minute that was meant, not the start of its three-minute candle', () => {
    const span = spanOf(marketBars({ seed: 2, minutes: 390, liquidity: 1 }))
    const chart = alertChart({ stock: stockOf(), span, marks: [span.bars[100]!.openTime] }, texts.ko.charts)
    expect(scaleOf(chart, 'marks').labels.filter((label) => label !== '')).toEqual(['10:40'])
  })

  test('are the minutes that stand out where there are no marks', () => {
    const span = spanOf(marketBars({ seed: 2, minutes: 60, liquidity: 1 }))
    const chart = alertChart({ stock: stockOf(), span, unusual: [unusualAt(span, 30, false)] }, texts.ko.charts)
    expect(datasetOf(chart, 'mark').data.flatMap((value, i) => (value === null ? [] : [i]))).toEqual([30])
  })

  test('outside the stretch are left out', () => {
    const chart = alertChart({ ...pumped(), marks: [MONDAY_OPEN - 60 * MINUTE] }, texts.ko.charts)
    expect(datasetOf(chart, 'mark').data.filter((value) => value !== null)).toHaveLength(1)
  })
})

describe('words', () => {
  test('say what the picture shows, with its numbers', () => {
    const view = pumped()
    const { bar, judged } = view.minute
    const { alt } = alertChart(view, texts.en.charts)
    for (const part of [
      'K-Bio (038530)',
      '1-minute',
      '90 minutes',
      'Mon 23 Nov 09:00–10:29 KST',
      'Abnormal minute 10:00',
      bar.volume.toLocaleString('en'),
    ])
      expect(alt).toContain(part)
    expect(alt).toContain(`+${judged.why.movePercent.toFixed(1)}%`)
    expect(alt).toContain(`₩${Math.max(...view.span.bars.map((each) => each.high)).toLocaleString('en')}`)
  })

  test('name the stretch of a slow move', () => {
    const view = pumped()
    const { judged, bar } = view.minute
    const slow = {
      bar,
      judged: { ...judged, horizon: 15, why: { ...judged.why, horizon: 15, movePercent: 7.4, volumeMultiple: 9 } },
    }
    for (const [locale, title] of [
      ['ko', '10:00 +7.4% (15분) · 거래량 9배'],
      ['en', '10:00 +7.4% (15 min) · volume 9×'],
    ] as const)
      expect(
        String(alertChart({ ...view, minute: slow }, texts[locale].charts).config.options?.plugins?.title?.text),
      ).toContain(title)
  })

  test('stay within Discord’s limit however long a name is, and end with a whole character', async () => {
    const chart = alertChart({ ...pumped(), stock: stockOf({ name: '📈'.repeat(1_000) }) }, texts.ko.charts)
    const { files } = await withPicture({}, () => chart, 'alert.png', {
      charts: { png: async () => Buffer.of() },
      log: createLog('silent'),
    })
    const { description = '' } = files[0]!
    expect(description.length).toBeGreaterThan(1_000)
    expect(description.length).toBeLessThanOrEqual(1_024)
    expect(description.isWellFormed()).toBe(true)
    expect(String(chart.config.options?.plugins?.title?.text).length).toBeLessThan(60)
  })

  test.for([
    [{ kind: 'simulated' }, 'SIMULATED'],
    [{ kind: 'replay' }, 'REPLAY'],
    [{ kind: 'unofficial', delayMinutes: 20 }, '20분 지연'],
  ] as const)('of %o numbers are in the picture and in the alt text', ([provenance, label]) => {
    const chart = alertChart({ ...pumped(), stock: stockOf({ provenance }) }, texts.ko.charts)
    expect(words(chart)).toContain(label)
    expect(chart.alt).toContain(label)
  })

  test('show times on the market’s own clock', () => {
    const chart = alertChart({ ...pumped(), stock: stockOf({ utcOffsetMinutes: 0 }) }, texts.en.charts)
    expect(chart.alt).toContain('00:00–01:29 UTC')
    expect(scaleOf(chart, 'marks').labels[60]).toBe('01:00')
  })

  test('say that nothing was traded, or that nothing is usual yet', () => {
    const empty = alertChart({ stock: stockOf(), span: { bars: [], usual: [] }, marks: [] }, texts.en.charts)
    expect(words(empty)).toContain(texts.en.charts.noBars)
    expect(empty.alt).toBe(`K-Bio (038530): ${texts.en.charts.noBars}`)
    const bars = marketBars({ seed: 1, minutes: 5 })
    const young = alertChart(
      { stock: stockOf(), span: { bars, usual: bars.map(() => null) }, marks: [] },
      texts.en.charts,
    )
    expect(words(young)).toContain(texts.en.charts.learning)
  })

  test('hold nothing that QuickChart takes for a loop', () => {
    for (const table of [texts.ko.charts, texts.en.charts]) {
      const chart = alertChart(
        { ...pumped(), stock: stockOf({ provenance: { kind: 'unofficial', delayMinutes: 20 } }) },
        table,
      )
      expect(words(chart)).not.toMatch(/(for|while)\s*\(/i)
    }
  })
})

describe('the price axis', () => {
  test.for([
    { price: 4_000, tick: 5, decimals: 0 },
    { price: 1_250_000, tick: 1_000, decimals: 0 },
    { price: 0.00001234, tick: 1e-8, decimals: 8 },
  ])('has labels with as many digits as a price of $price needs', ({ price, tick, decimals }) => {
    const symbol = decimals === 0 ? '038530' : 'COIN'
    const span = spanOf(marketBars({ seed: 4, price, tick, minutes: 60, symbol, pumpAt: 50 }))
    const { ticks, min, max } = scaleOf(
      alertChart({ stock: stockOf({ symbol }), span, marks: [] }, texts.ko.charts),
      'price',
    )
    expect(ticks.format.maximumFractionDigits).toBe(ticks.format.minimumFractionDigits)
    expect(ticks.format.maximumFractionDigits).toBeLessThanOrEqual(decimals)
    expect(Number(ticks.stepSize.toFixed(ticks.format.maximumFractionDigits))).toBe(ticks.stepSize)
    expect(Math.abs(min / ticks.stepSize - Math.round(min / ticks.stepSize))).toBeLessThan(1e-6)
    expect((max - min) / ticks.stepSize).toBeLessThan(7.001)
  })

  test('never has steps of less than a won', () => {
    const bars = marketBars({ seed: 4, minutes: 3 }).map((bar) => ({
      ...bar,
      open: 1_000,
      high: 1_000,
      low: 1_000,
      close: 1_000,
    }))
    const chart = alertChart({ stock: stockOf(), span: spanOf(bars), marks: [] }, texts.ko.charts)
    expect(scaleOf(chart, 'price').ticks.stepSize).toBeGreaterThanOrEqual(1)
  })

  test('keeps every candle inside', () => {
    const price = fc.double({ min: 1e-8, max: 2e6, noNaN: true })
    const bar = fc.record({
      a: price,
      b: price,
      c: price,
      d: price,
      volume: fc.double({ min: 0, max: 1e12, noNaN: true }),
      gap: fc.integer({ min: 1, max: 90 }),
    })
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 60 }), (rows) => {
        let openTime = MONDAY_OPEN
        const bars = rows.map(({ a, b, c, d, volume, gap }) => {
          openTime += gap * MINUTE
          const [low = a, open = a, close = a, high = a] = [a, b, c, d].sort((x, y) => x - y)
          return { series: 'x', symbol: 'COIN', openTime, open, high, low, close, volume, receivedAt: 0 }
        })
        const { min, max } = scaleOf(
          alertChart({ stock: stockOf({ symbol: 'COIN' }), span: spanOf(bars), marks: [openTime] }, texts.en.charts),
          'price',
        )
        expect(min).toBeLessThanOrEqual(Math.min(...bars.map((each) => each.low)))
        expect(max).toBeGreaterThanOrEqual(Math.max(...bars.map((each) => each.high)))
        expect(Number.isFinite(max - min)).toBe(true)
      }),
      { seed: 11, numRuns: 150 },
    )
  })
})
