import type { Judged } from '../../model/judgement.ts'
import { createFormat } from '../locale/format.ts'
import { ordinal } from '../locale/ordinal.ts'
import { withParticle } from '../locale/particles.ts'

const FORMATS = { ko: createFormat('ko'), en: createFormat('en') }

/** The one sentence of why: what happened in the minute, what is usual, and how unusual it was. Facts only; every number is in the judgement. */
export const sentence = (judged: Judged, name: string, locale: 'ko' | 'en'): string => {
  const { why, severity } = judged
  const { percent, share, multiple, count } = FORMATS[locale]
  const move = percent(why.movePercent)
  const typical = share(why.typicalMovePercent)
  const times = why.volumeMultiple === null ? null : multiple(why.volumeMultiple)
  const stretch = why.stretch && { move: percent(why.stretch.movePercent), minutes: count(why.stretch.minutes) }
  if (locale === 'ko') {
    const moved = stretch
      ? `1분 사이 ${move}, ${stretch.minutes}분 사이 ${stretch.move} 움직였고(평소 1분에 ${typical})`
      : `1분 사이 ${move} 움직였고(평소 ${typical})`
    const traded = times === null ? '거래가 없던 뒤에 거래가 터졌습니다' : `거래량은 평소의 ${times}였습니다`
    const rank = severity.rank === 1 ? '가장' : `${count(severity.rank)}번째로`
    return `${withParticle(name, '이가')} ${moved} ${traded}. 지금까지 본 ${count(severity.of)}분 가운데 ${rank} 드문 1분입니다.`
  }
  const moved = stretch
    ? `moved ${move} within a minute, ${stretch.move} within ${stretch.minutes} (a minute usually moves ${typical}),`
    : `moved ${move} within a minute (usually ${typical})`
  const traded = times === null ? 'traded after minutes without any trade' : `traded ${times} its usual volume`
  const rank = severity.rank === 1 ? 'the most' : `the ${ordinal(severity.rank)} most`
  return `${name} ${moved} and ${traded}: ${rank} unusual of ${count(severity.of)} minutes.`
}
