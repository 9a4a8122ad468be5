import type { HorizonReading, Reading } from '../features/features.ts'
import type { Parameters } from '../features/parameters.ts'
import type { Why } from './judgement.ts'

/** The numbers behind one judgement, from the reading of the judged horizon and its baseline. */
export const explain = (
  { baselineMinutes, timeOfDay }: Reading,
  { minutes, reference, gap, direction, move, usualMove, volume, usualVolume, turnover, usualTurnover }: HorizonReading,
  { moveAlone }: Parameters,
): Why => {
  const byVolume = Math.log1p(volume / usualVolume)
  const share = moveAlone / (moveAlone + byVolume)
  return {
    horizon: minutes,
    direction,
    reference,
    gap,
    movePercent: Math.expm1(move) * 100,
    typicalMovePercent: Math.expm1(usualMove) * 100,
    volume,
    typicalVolume: usualVolume,
    volumeMultiple: usualVolume > 0 ? volume / usualVolume : null,
    turnover,
    typicalTurnover: usualTurnover,
    drivers: { price: share, volume: 1 - share },
    baselineMinutes,
    timeOfDay,
  }
}
