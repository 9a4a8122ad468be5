import { type Bar, MINUTE } from '../../src/model/bar.ts'
import type { Detector } from '../../src/model/detector.ts'
import type { Judged, Judgement } from '../../src/model/judgement.ts'
import { seededRandom } from '../../src/model/random.ts'
import type { Calendar, Session } from '../../src/model/session.ts'
import { barMinutes } from '../../src/model/session.ts'

/** Monday, 2 November 2026, 00:00 UTC: nine in the morning in Seoul. */
export const START = Date.UTC(2026, 10, 2)

export interface Shape {
  readonly seed: number
  readonly sessions: number
  readonly price?: number
  readonly tick?: number
  /** Mean volume of a minute. */
  readonly volume?: number
  /** Volume by place in the session, 0 … 1, as a multiple of the mean. */
  readonly day?: (place: number) => number
  /** Chance that a minute trades. */
  readonly active?: number
}

/** Quiet sessions: small moves on ticks, log-normal volumes, nothing that is an event. */
export const quietBars = (calendar: Calendar, shape: Shape): Bar[] => {
  const { seed, sessions, price = 5_000, tick = 5, volume = 1_000, day = () => 1, active = 1 } = shape
  const random = seededRandom(seed)
  const bars: Bar[] = []
  let session: Session = calendar.sessionAt(START) ?? calendar.nextSession(START)
  let close = price
  for (let s = 0; s < sessions; s++) {
    const total = barMinutes(session)
    for (let slot = 0; slot < total; slot++) {
      const openTime = session.closingBar !== null && slot === total - 1 ? session.closingBar : session.open + slot * MINUTE
      if (random() > active) continue
      const open = close
      const ticks = Math.round((random() + random() + random() - 1.5) * 1.6)
      close = Math.max(tick, open + ticks * tick)
      const high = Math.max(open, close) + (random() < 0.3 ? tick : 0)
      const low = Math.max(tick, Math.min(open, close) - (random() < 0.3 ? tick : 0))
      const spread = Math.exp((random() + random() + random() - 1.5) * 1.2)
      bars.push(
        bar(openTime, {
          open,
          high,
          low: Math.min(low, open, close),
          close,
          volume: Math.max(1, Math.round(volume * day(slot / total) * spread)),
        }),
      )
    }
    session = calendar.nextSession(session.open)
  }
  return bars
}

export const bar = (openTime: number, numbers: Partial<Bar> = {}): Bar => ({
  venue: 'test',
  symbol: '038530',
  openTime,
  open: 5_000,
  high: 5_000,
  low: 5_000,
  close: 5_000,
  volume: 1_000,
  receivedAt: openTime + MINUTE,
  ...numbers,
})

/** The same bars with one minute lifted by so many percent on so many times its volume, and back at its close. */
export const withSpike = (bars: readonly Bar[], at: number, percent: number, times: number): Bar[] =>
  bars.map((b, i) => (i === at ? { ...b, high: Math.round(Math.max(b.open, b.close) * (1 + percent / 100)), volume: b.volume * times } : b))

export const judgeAll = (detector: Detector, bars: readonly Bar[]): Judgement[] => bars.map((b) => detector.push(b))

export const judgedOnly = (judgements: readonly Judgement[]): Judged[] => judgements.filter((j): j is Judged => j.state === 'judged')
