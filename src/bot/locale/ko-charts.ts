import { type ChartTexts, joined } from './chart-texts.ts'
import { createFormat } from './format.ts'

const AXES: Readonly<Record<string, string>> = {
  per_price: '가격 변화 (%)',
  per_volume: '거래량 변화 (%)',
  move: '1분 사이 가격 변화 (%)',
  multiple: '거래량 (평소의 몇 배)',
  surge: '급변 점수',
}

const SHORT_NUMBER = new Intl.NumberFormat('ko-KR', { notation: 'compact', maximumSignificantDigits: 3 })

export const koCharts: ChartTexts = {
  locale: 'ko',
  format: createFormat('ko'),
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
    const date = new Date(time + offset * 60_000)
    return `${date.getUTCMonth() + 1}/${date.getUTCDate()}`
  },
  clustersTitle: (k) => `k = ${k}`,
  trainedOn: (rows, cutoff) => `${rows}분 학습 · ${cutoff}까지`,
  marketCentersOf: (rows, cutoff) => `시장 전체의 중심 · ${cutoff}까지 ${rows}분`,
  cluster: (label, abnormal, size) => `${label} ${abnormal ? '이상' : '평소'} ${size}분`,
  center: '중심',
  abnormalFrom: '이상 기준',
  alertFrom: '이 채널 알림 기준',
  star: (moment) => moment,
  axis: (feature) => AXES[feature] ?? feature,
  barsAlt: (bars) =>
    joined([
      `${bars.stock} ${koCharts.candles(bars.stepMinutes)} 차트, ${bars.from}–${bars.to}, ${bars.bars}분에 거래.`,
      `시가 ${bars.open}, 종가 ${bars.close}, 저가 ${bars.low}, 고가 ${bars.high}.`,
      `거래량이 가장 많은 때는 ${bars.largestVolumeAt}, ${bars.largestVolume}.`,
      bars.minute &&
        `${bars.minute.abnormal ? '이상한 분' : '표시한 분'} ${bars.minute.clock}: ${bars.minute.move}, 거래량 ${bars.minute.volume}, 평소 ${bars.minute.usualVolume}${bars.minute.multiple === null ? '' : `의 ${bars.minute.multiple}`}.`,
      bars.marks.length > 0 ? `표시: ${bars.marks.join(', ')}.` : null,
      bars.origin && `${bars.origin}.`,
    ]),
  clusterAlt: (plot) =>
    joined([
      `${plot.stock}의 ${plot.rows}분을 ${plot.clusters.length}개 군집으로 나눈 산점도. 가로축 ${plot.axes[0]}, 세로축 ${plot.axes[1]}.`,
      ...plot.clusters.map(
        ({ label, size, abnormal, center }) =>
          `군집 ${label}(${abnormal ? '이상' : '평소'}): ${size}분, 중심 (${center.join('; ')}).`,
      ),
      plot.star && `별표는 ${plot.star.moment}, 군집 ${plot.star.label}, (${plot.star.at.join('; ')}).`,
      plot.origin && `${plot.origin}.`,
    ]),
  tick: (value) => SHORT_NUMBER.format(value),
}
