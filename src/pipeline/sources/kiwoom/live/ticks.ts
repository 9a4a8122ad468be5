import { kstTimeOfDay, wirePrice, wireTradeSize, wireVolume } from '../numbers.ts'

/** One trade of the live feed. */
export interface Tick {
  /** Kiwoom's time of the trade, cut to the second. */
  readonly time: number
  readonly price: number
  readonly size: number
  /** The day's volume, this trade included. It distinguishes a trade from a repetition, and shows a lost trade. */
  readonly dayVolume: number
  /** 1 before the open, 2 regular, 3 after; null if Kiwoom did not say. */
  readonly session: number | null
  /** 1 KRX, 2 NXT; null if Kiwoom did not say. */
  readonly exchange: number | null
}

/** The numbers of the fields that are read, among the forty of a trade (`0B`). */
const FIELD = { time: '20', price: '10', size: '15', dayVolume: '13', session: '290', exchange: '9081' } as const

/** Wire to model. Pure. A trade that cannot be read becomes a text that names its field and value. */
export const readTick = (values: Readonly<Record<string, unknown>>, near: number): Tick | string => {
  const time = kstTimeOfDay(values[FIELD.time], near)
  if (time === null) return refusal('20 (time)', values[FIELD.time])
  const price = wirePrice(values[FIELD.price])
  if (price === null) return refusal('10 (price)', values[FIELD.price])
  const size = wireTradeSize(values[FIELD.size])
  if (size === null) return refusal('15 (size)', values[FIELD.size])
  const dayVolume = wireVolume(values[FIELD.dayVolume])
  if (dayVolume === null || dayVolume < size) return refusal("13 (day's volume)", values[FIELD.dayVolume])
  return {
    time,
    price,
    size,
    dayVolume,
    session: digit(values[FIELD.session]),
    exchange: digit(values[FIELD.exchange]),
  }
}

const digit = (text: unknown): number | null =>
  typeof text === 'string' && text.length === 1 && text >= '0' && text <= '9' ? Number(text) : null

const refusal = (field: string, came: unknown): string => `field ${field} is ${JSON.stringify(came) ?? 'absent'}`
