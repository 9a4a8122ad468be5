import type { Provenance } from '../../pipeline/sources/source.ts'
import { createFormat, type Format } from './format.ts'

/** What a minute did, in the words of a title. */
export interface MinuteWords {
  readonly clock: string
  readonly move: string
  /** Volume as a multiple of the usual; null where nothing is usual. */
  readonly multiple: string | null
}

/** What the picture of bars shows, ready to be said. */
export interface BarsFacts {
  readonly stock: string
  readonly from: string
  readonly to: string
  readonly stepMinutes: number
  readonly bars: string
  readonly open: string
  readonly close: string
  readonly low: string
  readonly high: string
  readonly largestVolume: string
  readonly largestVolumeAt: string
  /** The minute the picture is about. */
  readonly minute:
    | (MinuteWords & { readonly abnormal: boolean; readonly volume: string; readonly usualVolume: string })
    | null
  readonly marks: readonly string[]
  readonly origin: string | null
}

/** What the picture of clusters shows, ready to be said. */
export interface ClusterFacts {
  readonly stock: string
  readonly rows: string
  readonly axes: readonly [string, string]
  readonly clusters: readonly {
    readonly label: string
    readonly size: string
    readonly abnormal: boolean
    readonly center: readonly [string, string]
  }[]
  readonly star: { readonly moment: string; readonly label: string; readonly at: readonly [string, string] } | null
  readonly origin: string | null
}

/**
 * Everything a chart says in one language. Both tables have every key: one missing is a type error.
 * No text may hold `for (` or `while (`: QuickChart refuses a configuration in which it reads a loop.
 */
export interface ChartTexts {
  readonly locale: 'ko' | 'en'
  readonly format: Format
  readonly usualRange: string
  readonly usualVolume: string
  readonly volume: string
  readonly learning: string
  readonly noBars: string
  minuteTitle(minute: MinuteWords): string
  candles(stepMinutes: number): string
  /** Null for real numbers from an official feed. */
  origin(provenance: Provenance): string | null
  date(time: number, utcOffsetMinutes: number): string
  clustersTitle(k: number): string
  clusterFacts(rows: string, cutoff: string): string
  cluster(label: string, abnormal: boolean, size: string): string
  readonly center: string
  readonly abnormalFrom: string
  readonly toldFrom: string
  star(moment: string): string
  axis(feature: string): string
  barsAlt(facts: BarsFacts): string
  clusterAlt(facts: ClusterFacts): string
  /** A number beside an axis, short. */
  tick(value: number): string
}

const localDate = (time: number, utcOffsetMinutes: number) => new Date(time + utcOffsetMinutes * 60_000)
const monthName = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'short' })

const shortNumber = (language: string) => {
  const format = new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: 3 })
  return (value: number) => format.format(value)
}

const sentences = (parts: readonly (string | null)[]): string =>
  parts.filter((part) => part !== null && part !== '').join(' ')

const KO_AXES: Readonly<Record<string, string>> = {
  per_price: '가격 변화 (%)',
  per_volume: '거래량 변화 (%)',
  move: '1분 사이 가격 변화 (%)',
  multiple: '거래량 (평소의 몇 배)',
  surge: '급변 점수',
}
const EN_AXES: Readonly<Record<string, string>> = {
  per_price: 'price change (%)',
  per_volume: 'volume change (%)',
  move: 'move within the minute (%)',
  multiple: 'volume (times the usual)',
  surge: 'surge',
}

const koFormat = createFormat('ko')
const enFormat = createFormat('en')

const ko: ChartTexts = {
  locale: 'ko',
  format: koFormat,
  usualRange: '평소 가격 범위',
  usualVolume: '평소 거래량',
  volume: '거래량',
  learning: '아직 학습 중: 평소 범위 없음',
  noBars: '이 구간에는 거래가 없습니다',
  minuteTitle: ({ clock, move, multiple }) => `${clock} ${move}${multiple === null ? '' : ` · 거래량 ${multiple}`}`,
  candles: (step) => (step >= 1440 ? '일봉' : step >= 60 ? `${step / 60}시간봉` : `${step}분봉`),
  origin: (provenance) => {
    if (provenance.kind === 'real') return null
    if (provenance.kind === 'simulated') return 'SIMULATED · 모의 시장, 실제 시세가 아님'
    if (provenance.kind === 'replay') return 'REPLAY · 과거 데이터 재생'
    return provenance.delayMinutes > 0 ? `비공식 시세 · ${provenance.delayMinutes}분 지연` : '비공식 시세'
  },
  date: (time, offset) => {
    const date = localDate(time, offset)
    return `${date.getUTCMonth() + 1}/${date.getUTCDate()}`
  },
  clustersTitle: (k) => `k = ${k}`,
  clusterFacts: (rows, cutoff) => `${rows}분 학습 · ${cutoff}까지`,
  cluster: (label, abnormal, size) => `${label} ${abnormal ? '이상' : '평소'} ${size}분`,
  center: '중심',
  abnormalFrom: '이상 기준',
  toldFrom: '이 채널 알림 기준',
  star: (moment) => moment,
  axis: (feature) => KO_AXES[feature] ?? feature,
  barsAlt: (facts) =>
    sentences([
      `${facts.stock} ${ko.candles(facts.stepMinutes)} 차트, ${facts.from}–${facts.to}, ${facts.bars}분에 거래.`,
      `시가 ${facts.open}, 종가 ${facts.close}, 저가 ${facts.low}, 고가 ${facts.high}.`,
      `거래량이 가장 많은 때는 ${facts.largestVolumeAt}, ${facts.largestVolume}.`,
      facts.minute &&
        `${facts.minute.abnormal ? '이상한 분' : '표시한 분'} ${facts.minute.clock}: ${facts.minute.move}, 거래량 ${facts.minute.volume}, 평소 ${facts.minute.usualVolume}${facts.minute.multiple === null ? '' : `의 ${facts.minute.multiple}`}.`,
      facts.marks.length > 0 ? `표시: ${facts.marks.join(', ')}.` : null,
      facts.origin && `${facts.origin}.`,
    ]),
  clusterAlt: (facts) =>
    sentences([
      `${facts.stock}의 ${facts.rows}분을 ${facts.clusters.length}개 군집으로 나눈 산점도. 가로축 ${facts.axes[0]}, 세로축 ${facts.axes[1]}.`,
      ...facts.clusters.map(
        ({ label, size, abnormal, center }) =>
          `군집 ${label}(${abnormal ? '이상' : '평소'}): ${size}분, 중심 (${center.join('; ')}).`,
      ),
      facts.star && `별표는 ${facts.star.moment}, 군집 ${facts.star.label}, (${facts.star.at.join('; ')}).`,
      facts.origin && `${facts.origin}.`,
    ]),
  tick: shortNumber('ko-KR'),
}

const en: ChartTexts = {
  locale: 'en',
  format: enFormat,
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
    const date = localDate(time, offset)
    return `${date.getUTCDate()} ${monthName.format(date)}`
  },
  clustersTitle: (k) => `k = ${k}`,
  clusterFacts: (rows, cutoff) => `learned from ${rows} minutes until ${cutoff}`,
  cluster: (label, abnormal, size) => `${label} ${abnormal ? 'abnormal' : 'ordinary'} ${size} min`,
  center: 'center',
  abnormalFrom: 'abnormal from here',
  toldFrom: 'told in this channel',
  star: (moment) => moment,
  axis: (feature) => EN_AXES[feature] ?? feature,
  barsAlt: (facts) =>
    sentences([
      `${facts.stock}, ${en.candles(facts.stepMinutes)}, ${facts.from}–${facts.to}, traded in ${facts.bars} minutes.`,
      `From ${facts.open} to ${facts.close}, low ${facts.low}, high ${facts.high}.`,
      `Most volume at ${facts.largestVolumeAt}: ${facts.largestVolume}.`,
      facts.minute &&
        `${facts.minute.abnormal ? 'Abnormal minute' : 'Minute shown'} ${facts.minute.clock}: ${facts.minute.move}, volume ${facts.minute.volume}, usually ${facts.minute.usualVolume}${facts.minute.multiple === null ? '' : ` (${facts.minute.multiple})`}.`,
      facts.marks.length > 0 ? `Marked: ${facts.marks.join(', ')}.` : null,
      facts.origin && `${facts.origin}.`,
    ]),
  clusterAlt: (facts) =>
    sentences([
      `Scatter plot of ${facts.rows} minutes of ${facts.stock} in ${facts.clusters.length} clusters; across: ${facts.axes[0]}, up: ${facts.axes[1]}.`,
      ...facts.clusters.map(
        ({ label, size, abnormal, center }) =>
          `Cluster ${label} (${abnormal ? 'abnormal' : 'ordinary'}) of ${size} min, center (${center.join('; ')}).`,
      ),
      facts.star && `The star is ${facts.star.moment}, cluster ${facts.star.label}, at (${facts.star.at.join('; ')}).`,
      facts.origin && `${facts.origin}.`,
    ]),
  tick: shortNumber('en-US'),
}

export const chartTexts: Readonly<Record<'ko' | 'en', ChartTexts>> = { ko, en }
