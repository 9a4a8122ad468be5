import type { ChartConfiguration } from 'chart.js'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { MARK_DISTANCE, type Plot } from './alert-plot.ts'
import { COLOR } from './theme.ts'

/** Candles, volume, what is usual for both, and the marks, uppermost first. */
export const alertDatasets = (plot: Plot, texts: ChartTexts): ChartConfiguration['data']['datasets'] => {
  const { axis, candles, usual, direction, price, peak, marked, standsOut, isOfStretch, clip } = plot
  return [
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
  ]
}

/** Seven digits are enough for a drawn line, and a remote renderer takes at most 100 kB. */
const short = (value: number): number => Number(value.toPrecision(7))
