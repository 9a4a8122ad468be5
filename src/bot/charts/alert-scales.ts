import type { ChartConfiguration } from 'chart.js'
import type { Stock } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import type { Plot } from './alert-plot.ts'
import { type Note, notesAxis } from './notes-axis.ts'
import { COLOR, FONT_SIZE, font } from './theme.ts'
import { type TickLabel, timeLabels } from './time-labels.ts'

/** Shares of the height: candles above, volume below. */
const PRICE_WEIGHT = 72
const VOLUME_WEIGHT = 28
/** Most labels below the columns, and most marks above them, that fit beside each other. */
const MOST_TIMES = 8
const MOST_MARKS = 10
/** Labels below the columns. */
export const alertLabels = ({ axis }: Plot, { utcOffsetMinutes }: Stock, texts: ChartTexts): TickLabel[] =>
  timeLabels(axis, utcOffsetMinutes, MOST_TIMES, (time) => texts.date(time, utcOffsetMinutes))

/** Times below and marks above; the panels of prices and volumes with their notes. */
export const alertScales = (
  plot: Plot,
  stock: Stock,
  labels: readonly TickLabel[],
  texts: ChartTexts,
): NonNullable<NonNullable<ChartConfiguration['options']>['scales']> => {
  const { axis, traded, priceTicks, volumeTicks, times, peak, standsOut } = plot
  const offset = stock.utcOffsetMinutes
  const volumeSteps = Math.round(volumeTicks.max / volumeTicks.stepSize)
  const breaks = axis.slots.map(
    (slot, i) => slot.minutes === 0 && axis.slots[i - 1]?.minutes === 0 && axis.slots[i + 1]?.minutes === 0,
  )
  const origin = texts.origin(stock.provenance)
  return {
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
    notes: notesAxis(notesOf(plot, texts)),
  }
}

/** The notes in the panels: what the band and the dashed line are. */
const notesOf = ({ usual, traded }: Plot, texts: ChartTexts): Note[] => {
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
  return notes
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
