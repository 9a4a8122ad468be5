import { MINUTE, type Ohlcv } from '../../../src/model/time/bar.ts'
import { type Calendar, KST_OFFSET, type Session } from '../../../src/model/time/session.ts'
import { seeded } from '../bars.ts'

/** One stock of the peer's market. */
export interface PeerStock {
  readonly symbol: string
  readonly name: string
  readonly market: 'KOSPI' | 'KOSDAQ'
  /** The close of the day before the first bar's; the signs of prices refer to it. */
  readonly base: number
  /** The bars that the real chart would show, oldest first. */
  readonly bars: readonly Ohlcv[]
  readonly auditInfo?: string
  readonly state?: string
  readonly orderWarning?: string
  readonly nxt?: boolean
}

/** One trade of the live feed. */
export interface PeerTick {
  readonly symbol: string
  readonly time: number
  readonly price: number
  readonly size: number
  readonly dayVolume: number
  readonly bought: boolean
}

/** Every minute of a session that may have a bar. */
const sessionMinutes = (session: Session): number[] => {
  const minutes: number[] = []
  for (let at = session.open; at < session.continuousEnd; at += MINUTE) minutes.push(at)
  if (session.closingBar !== null) minutes.push(session.closingBar)
  return minutes
}

/** A random walk through whole sessions; `thin` is the share of continuous minutes without a trade. */
export const walk = (
  sessions: readonly Session[],
  { seed, price, thin = 0 }: { seed: number; price: number; thin?: number },
): Ohlcv[] => {
  const random = seeded(seed)
  let last = price
  const move = () => Math.max(1, Math.round(last * (1 + (random() - 0.5) * 0.004)))
  const bars: Ohlcv[] = []
  for (const session of sessions) {
    for (const openTime of sessionMinutes(session)) {
      const auction = openTime === session.open || openTime === session.closingBar
      if (!auction && random() < thin) continue
      const open = move()
      if (openTime === session.closingBar) {
        bars.push({ openTime, open, high: open, low: open, close: open, volume: 10_000 + Math.floor(random() * 5_000) })
      } else {
        const others = [open, move(), move()]
        const close = others[2]!
        const volume = 8 + Math.floor(random() * (auction ? 20_000 : 900))
        bars.push({ openTime, open, high: Math.max(...others), low: Math.min(...others), close, volume })
      }
      last = bars.at(-1)!.close
    }
  }
  return bars
}

/** Trades that make exactly this bar: open first, close last, high and low between them, sizes that add up. */
const ticksOf = (symbol: string, bar: Ohlcv, dayVolumeBefore: number): PeerTick[] => {
  const { openTime, open, high, low, close, volume } = bar
  const random = seeded(openTime / MINUTE + volume)
  const flat = open === high && high === low && low === close
  const prices = flat ? [open] : random() < 0.5 ? [open, high, low, close] : [open, low, high, close]
  while (!flat && prices.length < Math.min(volume, 7))
    prices.splice(1 + Math.floor(random() * (prices.length - 1)), 0, random() < 0.5 ? open : low)
  const seconds = prices.map(() => Math.floor(random() * 60)).sort((a, b) => a - b)
  let left = volume
  let dayVolume = dayVolumeBefore
  return prices.map((price, index) => {
    const behind = prices.length - 1 - index
    const size = behind === 0 ? left : 1 + Math.floor(random() * Math.max(0, (left - behind) / (behind + 1)))
    left -= size
    dayVolume += size
    return { symbol, time: openTime + seconds[index]! * 1000, price, size, dayVolume, bought: random() < 0.5 }
  })
}

/** All trades of a stock, in time order. */
export const allTicks = ({ symbol, bars }: PeerStock): PeerTick[] => {
  let day = ''
  let dayVolume = 0
  return bars.flatMap((bar) => {
    const date = koreanDate(bar.openTime)
    if (date !== day) dayVolume = 0
    day = date
    const ticks = ticksOf(symbol, bar, dayVolume)
    dayVolume += bar.volume
    return ticks
  })
}

/** The newest sessions up to the one around the instant, or the last one before it; oldest first. */
export const sessionsUpTo = (calendar: Calendar, time: number, count: number): Session[] => {
  const sessions: Session[] = []
  for (let at = time; sessions.length < count; at = sessions[0]!.open - 1) sessions.unshift(calendar.lastSession(at))
  return sessions
}

export const koreanDate = (time: number): string => koreanStamp(time).slice(0, 8)

/** `YYYYMMDDHHmmss` in Korea. */
export const koreanStamp = (time: number): string =>
  new Date(time + KST_OFFSET).toISOString().replace(/[-:T]/g, '').slice(0, 14)
