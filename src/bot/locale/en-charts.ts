import { type ChartTexts, joined } from './chart-texts.ts'
import { createFormat } from './format.ts'

const AXES: Readonly<Record<string, string>> = {
  per_price: 'price change (%)',
  per_volume: 'volume change (%)',
  move: 'move within the minute (%)',
  multiple: 'volume (times the usual)',
  surge: 'surge',
}

const SHORT_NUMBER = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })
const MONTH = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'short' })

export const enCharts: ChartTexts = {
  locale: 'en',
  format: createFormat('en'),
  usualRange: 'usual price range',
  usualVolume: 'usual volume',
  volume: 'volume',
  learning: 'still learning: nothing is usual yet',
  noBars: 'Nothing was traded in this stretch',
  minuteTitle: ({ clock, move, multiple }) => `${clock} ${move}${multiple === null ? '' : ` · volume ${multiple}`}`,
  candles: (step) => (step >= 1440 ? 'daily bars' : step >= 60 ? `${step / 60}-hour bars` : `${step}-minute bars`),
  origin: (provenance) => {
    if (provenance.kind === 'real') return null
    if (provenance.kind === 'simulated') return 'SIMULATED · not a real market'
    if (provenance.kind === 'replay') return 'REPLAY · past data'
    return provenance.delayMinutes > 0 ? `unofficial · ${provenance.delayMinutes} min late` : 'unofficial'
  },
  date: (time, offset) => {
    const date = new Date(time + offset * 60_000)
    return `${date.getUTCDate()} ${MONTH.format(date)}`
  },
  clustersTitle: (k) => `k = ${k}`,
  trainedOn: (rows, cutoff) => `learned from ${rows} minutes until ${cutoff}`,
  marketCentersOf: (rows, cutoff) => `centers of the whole market · ${rows} minutes until ${cutoff}`,
  cluster: (label, abnormal, size) => `${label} ${abnormal ? 'abnormal' : 'ordinary'} ${size} min`,
  center: 'center',
  abnormalFrom: 'abnormal from here',
  alertFrom: 'told in this channel',
  star: (moment) => moment,
  axis: (feature) => AXES[feature] ?? feature,
  barsAlt: (bars) =>
    joined([
      `${bars.stock}, ${enCharts.candles(bars.stepMinutes)}, ${bars.from}–${bars.to}, traded in ${bars.bars} minutes.`,
      `From ${bars.open} to ${bars.close}, low ${bars.low}, high ${bars.high}.`,
      `Most volume at ${bars.largestVolumeAt}: ${bars.largestVolume}.`,
      bars.minute &&
        `${bars.minute.abnormal ? 'Abnormal minute' : 'Minute shown'} ${bars.minute.clock}: ${bars.minute.move}, volume ${bars.minute.volume}, usually ${bars.minute.usualVolume}${bars.minute.multiple === null ? '' : ` (${bars.minute.multiple})`}.`,
      bars.marks.length > 0 ? `Marked: ${bars.marks.join(', ')}.` : null,
      bars.origin && `${bars.origin}.`,
    ]),
  clusterAlt: (plot) =>
    joined([
      `Scatter plot of ${plot.rows} minutes of ${plot.stock} in ${plot.clusters.length} clusters; across: ${plot.axes[0]}, up: ${plot.axes[1]}.`,
      ...plot.clusters.map(
        ({ label, size, abnormal, center }) =>
          `Cluster ${label} (${abnormal ? 'abnormal' : 'ordinary'}) of ${size} min, center (${center.join('; ')}).`,
      ),
      plot.star && `The star is ${plot.star.moment}, cluster ${plot.star.label}, at (${plot.star.at.join('; ')}).`,
      plot.origin && `${plot.origin}.`,
    ]),
  tick: (value) => SHORT_NUMBER.format(value),
}
