import type { Judged } from '../../model/detector/judgement.ts'
import { createFormat } from '../locale/format.ts'
import { ordinal } from '../locale/ordinal.ts'
import { withParticle } from '../locale/particles.ts'

const FORMATS = { ko: createFormat('ko'), en: createFormat('en') }

/** The one sentence of why: what happened, what is usual, and how unusual it was. Facts only; every number is in the judgement. */
export const sentence = (judged: Judged, name: string, locale: 'ko' | 'en'): string =>
  (locale === 'ko' ? korean : english)(judged, name)

const korean = ({ why, severity }: Judged, name: string): string => {
  const { percent, share, multiple, count } = FORMATS.ko
  const [move, typical] = [percent(why.movePercent), share(why.typicalMovePercent)]
  const moved = why.gap
    ? `전 거래일 종가보다 ${move}에서 시작했고(평소 시가 차이 ${typical})`
    : `${count(why.horizon)}분 사이 ${move} 움직였고(평소 ${typical})`
  const traded =
    why.volumeMultiple === null
      ? '거래가 없던 뒤에 거래가 터졌습니다'
      : `거래량은 평소의 ${multiple(why.volumeMultiple)}였습니다`
  const rank = severity.rank === 1 ? '가장' : `${count(severity.rank)}번째로`
  return `${withParticle(name, '이가')} ${moved} ${traded}. 지금까지 본 ${count(severity.of)}분 가운데 ${rank} 드문 1분입니다.`
}

const english = ({ why, severity }: Judged, name: string): string => {
  const { percent, share, multiple, count } = FORMATS.en
  const [move, typical] = [percent(why.movePercent), share(why.typicalMovePercent)]
  const within = why.horizon === 1 ? 'a minute' : `${count(why.horizon)} minutes`
  const moved = why.gap
    ? `opened ${move} from the last close (usually ${typical})`
    : `moved ${move} within ${within} (usually ${typical})`
  const traded =
    why.volumeMultiple === null
      ? 'traded after minutes without any trade'
      : `traded ${multiple(why.volumeMultiple)} its usual volume`
  const rank = severity.rank === 1 ? 'the most' : `the ${ordinal(severity.rank)} most`
  return `${name} ${moved} and ${traded}: ${rank} unusual of ${count(severity.of)} minutes.`
}
