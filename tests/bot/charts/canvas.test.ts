import { createCanvas, GlobalFonts } from '@napi-rs/canvas'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alertChart } from '../../../src/bot/charts/alert-chart.ts'
import { createCanvasCharts } from '../../../src/bot/charts/canvas.ts'
import type { Chart } from '../../../src/bot/charts/charts.ts'
import { registerFonts } from '../../../src/bot/charts/fonts.ts'
import { COLOR, FONT_FAMILY } from '../../../src/bot/charts/theme.ts'
import { texts } from '../../../src/bot/locale/index.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { MONDAY_OPEN, marketBars, spanOf, stockOf, unusualAt } from '../../support/bars.ts'
import { pixelsOf } from './pixels.ts'

const charts = createCanvasCharts()
const span = spanOf(marketBars({ seed: 1, minutes: 80, pumpAt: 60, liquidity: 1 }))
const quiet = spanOf(marketBars({ seed: 1, minutes: 80, liquidity: 1 }))
const marking = (index: number) =>
  alertChart({ stock: stockOf(), span: quiet, marks: [quiet.bars[index]!.openTime] }, texts.ko.charts)
const drawn = async (chart: Chart) => pixelsOf(await charts.png(chart))

/** The plot: below the title and its labels, above the times. */
const PRICE_PANEL = { from: [0, 0.19], to: [0.95, 0.65] } as const
const VOLUME_PANEL = { from: [0, 0.7], to: [0.95, 0.92] } as const

test('a picture has twice the size in pixels, and is drawn upon', async () => {
  const { config, width, height, alt } = marking(60)
  const picture = await drawn({ config, width, height, alt })
  expect([picture.width, picture.height]).toEqual([width * 2, height * 2])
  expect(picture.find(COLOR.background).count).toBeGreaterThan(picture.width * picture.height * 0.5)
  expect(picture.find(COLOR.up, PRICE_PANEL).count).toBeGreaterThan(500)
  expect(picture.find(COLOR.down, PRICE_PANEL).count).toBeGreaterThan(300)
})

test('marks stand above their minutes, at even distances', async () => {
  const [first, middle, last] = await Promise.all([marking(0), marking(40), marking(79)].map(drawn))
  const at = [first!, middle!, last!].map((picture) => picture.find(COLOR.mark, PRICE_PANEL))
  expect(at.every(({ count }) => count > 60)).toBe(true)
  expect(at[1]!.x).toBeCloseTo(at[0]!.x + (at[2]!.x - at[0]!.x) * (40 / 79), 2)
  const bar = middle!.find(COLOR.mark, VOLUME_PANEL)
  expect(bar.x).toBeCloseTo(at[1]!.x, 2)
})

test('the minute of a pump is a red candle with a yellow volume bar', async () => {
  const picture = await drawn(alertChart({ stock: stockOf(), span, minute: unusualAt(span, 60) }, texts.ko.charts))
  const mark = picture.find(COLOR.mark, PRICE_PANEL)
  const column = (part: { from: readonly [number, number]; to: readonly [number, number] }) => ({
    from: [mark.x - 0.01, part.from[1]] as const,
    to: [mark.x + 0.01, part.to[1]] as const,
  })
  expect(picture.find(COLOR.up, column(PRICE_PANEL)).count).toBeGreaterThan(500)
  expect(picture.find(COLOR.mark, column(VOLUME_PANEL)).count).toBeGreaterThan(200)
})

test('Korean letters are letters, not boxes', async () => {
  const titled = async (name: string) => {
    const empty = { bars: [], usual: [] }
    return charts.png(alertChart({ stock: stockOf({ name, symbol: name }), span: empty }, texts.ko.charts))
  }
  const [one, other, again] = await Promise.all([
    titled('가가가가가가'),
    titled('뷁뷁뷁뷁뷁뷁'),
    titled('가가가가가가'),
  ])
  const ink = (await pixelsOf(one!)).find(COLOR.text, { to: [0.5, 0.1] }, 60).count
  const otherInk = (await pixelsOf(other!)).find(COLOR.text, { to: [0.5, 0.1] }, 60).count
  expect(ink).toBeGreaterThan(300)
  expect(otherInk).toBeGreaterThan(ink * 1.2)
  expect(again).toEqual(one)
})

test('the font brings every letter that the charts use', () => {
  registerFonts(GlobalFonts)
  const inkOf = (letter: string) => {
    const context = createCanvas(48, 48).getContext('2d')
    context.font = `32px ${FONT_FAMILY}`
    context.fillText(letter, 4, 38)
    return context.getImageData(0, 0, 48, 48).data.join('')
  }
  const missing = inkOf('\u{10FFFF}')
  const words = [texts.ko.charts, texts.en.charts].map((each) => Object.values(each).map(String).join('')).join('')
  const letters = new Set([...'★▒–·…×%+', ...words].filter((letter) => /[^\s`]/.test(letter)))
  expect([...letters].filter((letter) => inkOf(letter) === missing)).toEqual([])
})

test('a configuration is left as it was', async () => {
  const chart = marking(3)
  const before = JSON.stringify(chart)
  await charts.png(chart)
  expect(JSON.stringify(chart)).toBe(before)
})

test('the same chart is the same picture, and pictures asked for at once do not mix', async () => {
  const [one, other] = [marking(10), marking(70)]
  const [a, b, c] = await Promise.all([charts.png(one), charts.png(other), charts.png(one)])
  expect(a!.equals(c!)).toBe(true)
  expect(a!.equals(b!)).toBe(false)
})

test('a chart that cannot be drawn fails by itself', async () => {
  const broken = {
    config: { type: 'nonsense', data: { datasets: [{ data: [1] }] } } as unknown as Chart['config'],
    width: 100,
    height: 100,
    alt: '',
  }
  const [failed, fine] = await Promise.allSettled([charts.png(broken), charts.png(marking(1))])
  expect(failed).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('nonsense') } })
  expect(fine.status).toBe('fulfilled')
})

test('a function in a configuration is refused', async () => {
  const { config, width, height } = marking(1)
  const options = { ...config.options, onHover: () => {} }
  await expect(charts.png({ config: { ...config, options }, width, height, alt: '' })).rejects.toThrow(/clone/i)
  await expect(charts.png(marking(1))).resolves.toBeInstanceOf(Buffer)
})

test('a drawing thread that runs out of memory takes its pictures with it, and the next picture has a new one', async () => {
  const fresh = createCanvasCharts()
  const data = Array.from({ length: 1_500_000 }, (_, i) => ({ x: i, y: i % 7 }))
  const huge: Chart = { config: { type: 'scatter', data: { datasets: [{ data }] } }, width: 100, height: 100, alt: '' }
  await expect(fresh.png(huge)).rejects.toThrow(/memory limit/)
  await expect(fresh.png(marking(1))).resolves.toBeInstanceOf(Buffer)
})

test('any stretch can be drawn', async () => {
  const price = fc.double({ min: 1e-8, max: 2e6, noNaN: true })
  const row = fc.record({
    prices: fc.tuple(price, price, price, price),
    volume: fc.double({ min: 0, max: 1e12, noNaN: true }),
    gap: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 30, max: 3_000 })),
    usual: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 40 }),
      fc.constantFrom('ko' as const, 'en' as const),
      async (rows, locale) => {
        let openTime = MONDAY_OPEN
        const bars = rows.map(({ prices, volume, gap }) => {
          openTime += gap * MINUTE
          const [low, open, close, high] = prices.toSorted((a, b) => a - b) as [number, number, number, number]
          return { series: 'x', symbol: 'COIN', openTime, open, high, low, close, volume, receivedAt: 0 }
        })
        const usual = rows.map((each, i) =>
          each.usual === null ? null : { volume: each.usual, low: bars[i]!.low / 2, high: bars[i]!.high * 2 },
        )
        const png = await charts.png(
          alertChart(
            { stock: stockOf({ symbol: 'COIN' }), span: { bars, usual }, marks: [openTime] },
            texts[locale].charts,
          ),
        )
        expect(png.subarray(1, 4).toString()).toBe('PNG')
      },
    ),
    { seed: 5, numRuns: 12 },
  )
})
