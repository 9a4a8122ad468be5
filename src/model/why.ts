import type { Ohlcv } from './bar.ts'
import type { Reading } from './features.ts'
import type { Why } from './judgement.ts'
import type { Model } from './model.ts'

/** The facts behind one judgement, from the bar, its baseline and the model's ordinary center. */
export const explain = (bar: Ohlcv, reading: Reading, model: Model): Why => {
  const usual = model.clusters[0]!.center
  const price = Math.max(0, Math.log(reading.price / Math.max(usual.price!, 1e-3)))
  const volume = Math.max(0, Math.log(reading.volume / Math.max(usual.volume!, 1e-3)))
  const share = price + volume > 0 ? price / (price + volume) : 0.5
  return {
    direction: reading.direction,
    previousClose: reading.previousClose,
    movePercent: Math.expm1(reading.move) * 100,
    typicalMovePercent: Math.expm1(reading.sigma) * 100,
    volume: bar.volume,
    typicalVolume: reading.meanVolume,
    volumeMultiple: reading.meanVolume > 0 ? bar.volume / reading.meanVolume : null,
    turnover: bar.close * bar.volume,
    typicalTurnover: reading.meanTurnover,
    drivers: { price: share, volume: 1 - share },
    baselineMinutes: reading.baselineMinutes,
    timeOfDay: reading.timeOfDay,
    ...(reading.stretchMinutes > 1
      ? { stretch: { minutes: reading.stretchMinutes, movePercent: Math.expm1(reading.stretchMove) * 100 } }
      : {}),
  }
}
