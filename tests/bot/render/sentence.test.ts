import { expect, test } from 'vitest'
import { texts } from '../../../src/bot/locale/index.ts'
import { sentence } from '../../../src/bot/render/sentence.ts'
import type { Judged, Why } from '../../../src/model/detector/judgement.ts'
import { judgedAt, MINUTE_OF_ALERT } from '../views.ts'

const judged = (why: Partial<Why> = {}, rank = 3): Judged => {
  const base = judgedAt(MINUTE_OF_ALERT)
  return { ...base, severity: { rank, of: 7_620 }, why: { ...base.why, ...why } }
}

test.for([
  {
    name: 'a jump',
    of: judged(),
    ko: '케이바이오가 1분 사이 +4.2% 움직였고(평소 0.12%) 거래량은 평소의 34배였습니다. 지금까지 본 7,620분 가운데 3번째로 드문 1분입니다.',
    en: '케이바이오 moved +4.2% within a minute (usually 0.12%) and traded 34× its usual volume: the 3rd most unusual of 7,620 minutes.',
  },
  {
    name: 'the most unusual minute of all, on volume after nothing',
    of: judged({ volumeMultiple: null, movePercent: -7.5 }, 1),
    ko: '케이바이오가 1분 사이 -7.5% 움직였고(평소 0.12%) 거래가 없던 뒤에 거래가 터졌습니다. 지금까지 본 7,620분 가운데 가장 드문 1분입니다.',
    en: '케이바이오 moved -7.5% within a minute (usually 0.12%) and traded after minutes without any trade: the most unusual of 7,620 minutes.',
  },
  {
    name: 'a slow climb',
    of: judged({ horizon: 15, movePercent: 9.13, typicalMovePercent: 0.46, volumeMultiple: 5.62 }, 21),
    ko: '케이바이오가 15분 사이 +9.1% 움직였고(평소 0.46%) 거래량은 평소의 5.6배였습니다. 지금까지 본 7,620분 가운데 21번째로 드문 1분입니다.',
    en: '케이바이오 moved +9.1% within 15 minutes (usually 0.46%) and traded 5.6× its usual volume: the 21st most unusual of 7,620 minutes.',
  },
  {
    name: 'an overnight gap',
    of: judged({ gap: true, movePercent: 12.3, typicalMovePercent: 1.8, volumeMultiple: 3.2 }, 2),
    ko: '케이바이오가 전 거래일 종가보다 +12.3%에서 시작했고(평소 시가 차이 1.8%) 거래량은 평소의 3.2배였습니다. 지금까지 본 7,620분 가운데 2번째로 드문 1분입니다.',
    en: '케이바이오 opened +12.3% from the last close (usually 1.8%) and traded 3.2× its usual volume: the 2nd most unusual of 7,620 minutes.',
  },
])('says $name in both languages', ({ of, ko, en }) => {
  expect(sentence(of, '케이바이오', texts.ko)).toBe(ko)
  expect(sentence(of, '케이바이오', texts.en)).toBe(en)
})

test('no word of advice in either language', () => {
  const sentences = [
    judged(),
    judged({ volumeMultiple: null }),
    judged({ horizon: 15, movePercent: 5 }),
    judged({ gap: true }),
  ].flatMap((of) => [sentence(of, 'A', texts.ko), sentence(of, 'A', texts.en)])
  for (const text of sentences) expect(text).not.toMatch(/\b(buy|sell|should|risk|warning)\b|매수|매도|추천|조심|위험/i)
})
