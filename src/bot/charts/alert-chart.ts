import type { ChartConfiguration } from 'chart.js'
import { MINUTE } from '../../model/time/bar.ts'
import type { Usual } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { currencyOf } from '../render/stock.ts'
import { type BarsView, barsAlt, minuteWords, subtitle } from './bars-summary.ts'
import { type Candle, columns } from './candles.ts'
import type { Chart } from './charts.ts'
import { niceTicks } from './nice-ticks.ts'
import { type Note, notesAxis } from './notes-axis.ts'
import { stockTitle } from './stock-title.ts'
import { baseOptions, CHART_HEIGHT, CHART_WIDTH, COLOR, FONT_SIZE, font } from './theme.ts'
import { type Slot, timeAxis } from './time-axis.ts'
import { timeLabels } from './time-labels.ts'

/** Shares of the height: candles above, volume below. */
const PRICE_WEIGHT = 72
const VOLUME_WEIGHT = 28
/** Most labels below the columns, and most marks above them, that fit beside each other. */
const MOST_TIMES = 8
const MOST_MARKS = 10
/**
 * Room above the candles for a note and a mark, room below them, and the distance of a mark, as shares of the price
 * range.
 */
const HEADROOM = 0.17
const FOOTROOM = 0.05
const MARK_DISTANCE = 0.045
/**
 * Most that the usual band may widen the price axis, as a share of the candles' range. After a surge the band is much
 * wider than the candles.
 */
const BAND_ROOM = 0.3

/** Candles, volume, what is usual for both, and the marked minutes. */
export const alertChart = (view: BarsView, texts: ChartTexts): Chart => {
  const { stock, span } = view
  const offset = stock.utcOffsetMinutes
  const axis = timeAxis(
    span.bars.map((bar) => bar.openTime),
    offset,
  )
  const { candles, usual } = columns(span, axis)
  const peak = view.minute === undefined ? -1 : axis.slotOf(view.minute.judged.openTime)
  const minutes = [...(view.unusual?.map(({ judged }) => judged.openTime) ?? view.marks ?? [])]
  if (view.minute !== undefined) minutes.push(view.minute.judged.openTime)
  const times = new Map(minutes.toSorted((a, b) => b - a).flatMap((time) => entry(axis.slotOf(time), time)))
  if (view.minute !== undefined && peak >= 0) times.set(peak, view.minute.judged.openTime)
  const marked = (slot: number) => times.has(slot)
  const subject = view.minute?.judged
  /** The whole stretch of a slow move is shaded. It ends at the minute that the alert is about. */
  const isOfStretch = ({ start, minutes: length }: Slot) =>
    subject !== undefined &&
    peak >= 0 &&
    length > 0 &&
    start <= subject.openTime &&
    start + length * MINUTE > subject.openTime - (subject.horizon - 1) * MINUTE
  /** If the picture is about one minute, only that one stands out, and the others of its episode get a small mark. */
  const standsOut = (slot: number) => (peak >= 0 ? slot === peak : times.has(slot))

  const traded = candles.filter((candle) => candle !== null)
  const price = priceScale(traded, usual)
  const mostVolume = Math.max(
    1e-12,
    ...traded.map((candle) => candle.volume),
    ...usual.map((u) => Math.min(u?.volume ?? 0, 1e300)),
  )
  const whole = currencyOf(stock) === 'won'
  const priceTicks = niceTicks(price.min, price.max, 7, whole ? 1 : 0)
  const volumeTicks = niceTicks(0, mostVolume * 1.25, 4)
  const volumeSteps = Math.round(volumeTicks.max / volumeTicks.stepSize)
  const clip = (value: number) => Math.min(Math.max(value, price.min - price.range), price.max + price.range)

  const direction = candles.map((candle) => (candle === null ? 'flat' : directionOf(candle)))
  const known = usual.some((one) => one !== null)
  const notes: Note[] = []
  if (traded.length === 0) notes.push({ at: 0.4, text: texts.noBars, color: COLOR.faint })
  else {
    notes.push({
      at: 0.035,
      text: known ? `▒ ${texts.usualRange}` : texts.learning,
      color: known ? COLOR.usual : COLOR.faint,
    })
    const label = known ? `– – ${texts.usualVolume}` : texts.volume
    notes.push({
      at: PRICE_WEIGHT / (PRICE_WEIGHT + VOLUME_WEIGHT) + 0.04,
      text: label,
      color: known ? COLOR.usual : COLOR.faint,
    })
  }
  const labels = timeLabels(axis, offset, MOST_TIMES, (time) => texts.date(time, offset))
  const breaks = axis.slots.map(
    (slot, i) => slot.minutes === 0 && axis.slots[i - 1]?.minutes === 0 && axis.slots[i + 1]?.minutes === 0,
  )
  const origin = texts.origin(stock.provenance)
  const title = stockTitle(
    stock,
    texts.locale,
    view.minute === undefined ? '' : texts.minuteTitle(minuteWords(view.minute, stock, texts)),
  )

  const config: ChartConfiguration = {
    type: 'bar',
    data: {
      labels,
      datasets: [
        {
          label: 'mark',
          type: 'line',
          yAxisID: 'price',
          showLine: false,
          clip: false,
          order: 0,
          data: candles.map((candle, i) =>
            candle !== null && marked(i) ? candle.high + price.range * MARK_DISTANCE : null,
          ),
          pointStyle: 'triangle',
          pointRotation: 180,
          pointRadius: candles.map((_, i) => (i === peak ? 9 : peak >= 0 ? 3 : 6)),
          pointBackgroundColor: COLOR.mark,
          pointBorderColor: COLOR.background,
          pointBorderWidth: 1,
        },
        {
          label: 'body',
          type: 'bar',
          yAxisID: 'price',
          grouped: false,
          order: 1,
          data: candles.map((candle) => candle && [candle.open, candle.close]),
          backgroundColor: direction.map((way) => COLOR[way]),
          barPercentage: 0.74,
          categoryPercentage: 1,
          maxBarThickness: 16,
          minBarLength: 2,
        },
        {
          label: 'wick',
          type: 'bar',
          yAxisID: 'price',
          grouped: false,
          order: 2,
          data: candles.map((candle) => candle && [candle.low, candle.high]),
          backgroundColor: direction.map((way) => COLOR[way]),
          barThickness: axis.slots.length > 100 ? 1 : 1.5,
        },
        {
          label: texts.usualVolume,
          type: 'line',
          yAxisID: 'volume',
          order: 3,
          data: usual.map((one) => one && short(one.volume)),
          borderColor: COLOR.usual,
          borderWidth: 2,
          borderDash: [6, 4],
          pointRadius: 0,
        },
        {
          label: texts.volume,
          type: 'bar',
          yAxisID: 'volume',
          grouped: false,
          order: 4,
          data: candles.map((candle) => candle?.volume ?? null),
          backgroundColor: direction.map((way, i) => (standsOut(i) ? COLOR.mark : COLOR[`${way}Faint`])),
          barPercentage: 0.74,
          categoryPercentage: 1,
          maxBarThickness: 16,
          minBarLength: 1,
        },
        {
          label: texts.usualRange,
          type: 'line',
          yAxisID: 'price',
          order: 5,
          data: usual.map((one) => one && short(clip(one.high))),
          borderColor: COLOR.usual,
          borderWidth: 1,
          pointRadius: 0,
          stepped: 'middle',
          backgroundColor: COLOR.usualFaint,
          fill: '+1',
        },
        {
          label: 'usual low',
          type: 'line',
          yAxisID: 'price',
          order: 6,
          data: usual.map((one) => one && short(clip(one.low))),
          borderColor: COLOR.usual,
          borderWidth: 1,
          pointRadius: 0,
          stepped: 'middle',
        },
        {
          label: 'highlight',
          type: 'bar',
          yAxisID: 'whole',
          grouped: false,
          order: 7,
          data: axis.slots.map((slot, i) => (standsOut(i) || isOfStretch(slot) ? 1 : null)),
          backgroundColor: COLOR.markFaint,
          barPercentage: 1,
          categoryPercentage: 1,
          minBarLength: 0,
        },
      ],
    },
    options: {
      ...baseOptions(texts.locale, title, subtitle(view, axis.stepMinutes, texts)),
      scales: {
        x: {
          type: 'category',
          offset: true,
          border: { color: COLOR.frame },
          grid: {
            color: labels.map((label) => (label === '' ? COLOR.none : COLOR.grid)),
            drawTicks: false,
            offset: false,
          },
          ticks: { autoSkip: false, maxRotation: 0, color: COLOR.faint, font: font(FONT_SIZE.small), padding: 6 },
          title: {
            display: origin !== null,
            text: origin ?? '',
            color: COLOR.warning,
            font: font(FONT_SIZE.small, 'bold'),
            padding: { top: 2, bottom: 0 },
          },
        },
        marks: {
          type: 'category',
          axis: 'x',
          position: 'top',
          offset: true,
          labels: markLabels(new Map([...times].filter(([slot]) => standsOut(slot))), peak, axis.slots.length, (time) =>
            texts.format.clock(time, offset),
          ),
          border: { display: false, dash: [4, 4] },
          grid: { color: breaks.map((is) => (is ? COLOR.sessionBreak : COLOR.none)), drawTicks: false, offset: false },
          ticks: {
            autoSkip: false,
            maxRotation: 0,
            color: COLOR.mark,
            font: font(FONT_SIZE.small, 'bold'),
            padding: 2,
          },
        },
        price: {
          type: 'linear',
          axis: 'y',
          position: 'right',
          display: traded.length > 0,
          stack: 'panels',
          stackWeight: PRICE_WEIGHT,
          min: priceTicks.min,
          max: priceTicks.max,
          border: { color: COLOR.frame },
          grid: { color: COLOR.grid, drawTicks: false },
          ticks: {
            stepSize: priceTicks.stepSize,
            color: COLOR.text,
            font: font(FONT_SIZE.small),
            padding: 6,
            format: {
              notation: 'standard',
              minimumFractionDigits: priceTicks.decimals,
              maximumFractionDigits: priceTicks.decimals,
            },
          },
        },
        volume: {
          type: 'linear',
          axis: 'y',
          position: 'right',
          display: traded.length > 0,
          stack: 'panels',
          stackWeight: VOLUME_WEIGHT,
          min: 0,
          max: volumeTicks.max,
          border: { color: COLOR.frame },
          grid: { color: COLOR.grid, drawTicks: false },
          ticks: {
            stepSize: volumeTicks.stepSize,
            // The uppermost label would overlap with the lowest price.
            color: Array.from({ length: volumeSteps + 1 }, (_, i) => (i === volumeSteps ? COLOR.none : COLOR.faint)),
            font: font(FONT_SIZE.small),
            padding: 6,
            format: { notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 1 },
          },
        },
        whole: { type: 'linear', axis: 'y', display: false, min: 0, max: 1 },
        notes: notesAxis(notes),
      },
    },
  }
  return { config, width: CHART_WIDTH, height: CHART_HEIGHT, alt: barsAlt(view, axis.stepMinutes, texts) }
}

const entry = (slot: number, time: number): [number, number][] => (slot < 0 ? [] : [[slot, time]])

/** Seven digits are enough for a drawn line, and a remote renderer takes at most 100 kB. */
const short = (value: number): number => Number(value.toPrecision(7))

const directionOf = ({ open, close }: Candle) => (close > open ? 'up' : close < open ? 'down' : 'flat')

/** Bounds of the price panel, with room for note and marks, and the range of the candles themselves. */
const priceScale = (candles: readonly Candle[], usual: readonly (Usual | null)[]) => {
  if (candles.length === 0) return { min: 0, max: 1, range: 1 }
  const low = Math.min(...candles.map((candle) => candle.low))
  const high = Math.max(...candles.map((candle) => candle.high))
  const range = Math.max(high - low, high * 0.002)
  const bandLow = Math.min(low, ...usual.map((one) => one?.low ?? low))
  const bandHigh = Math.max(high, ...usual.map((one) => one?.high ?? high))
  const min = Math.max(bandLow, low - range * BAND_ROOM) - range * FOOTROOM
  const max = Math.max(Math.min(bandHigh, high + range * BAND_ROOM), high + range * MARK_DISTANCE) + range * HEADROOM
  return { min, max, range: max - min }
}

/** Times above the marked columns: first the minute in question, then the others as far as there is room. */
const markLabels = (
  times: ReadonlyMap<number, number>,
  peak: number,
  slots: number,
  clock: (time: number) => string,
): string[] => {
  const labels = Array.from({ length: slots }, () => '')
  const spacing = slots / MOST_MARKS
  const chosen: number[] = []
  for (const slot of [...(times.has(peak) ? [peak] : []), ...[...times.keys()].sort((a, b) => a - b)]) {
    if (!chosen.every((other) => Math.abs(other - slot) >= spacing)) continue
    chosen.push(slot)
    labels[slot] = clock(times.get(slot)!)
  }
  return labels
}
