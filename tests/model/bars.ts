import { createSeededRandom } from '../../src/model/clusters/random.ts'
import type { Detector } from '../../src/model/detector/detector.ts'
import type { Judged, Judgement } from '../../src/model/detector/judgement.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { barMinutes, type Calendar, type Session } from '../../src/model/time/session.ts'
import { KRX_HOURS, krxHours } from '../../src/pipeline/calendar/krx-hours.ts'
import { createCalendar, isWeekday } from '../../src/pipeline/calendar/sessions.ts'

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

/** Quiet sessions: small moves on ticks, log-normal volumes, no event. */
export const quietBars = (calendar: Calendar, shape: Shape): Bar[] => {
  const { seed, sessions, price = 5_000, tick = 5, volume = 1_000, day = () => 1, active = 1 } = shape
  const random = createSeededRandom(seed)
  const bars: Bar[] = []
  let close = price
  for (const session of sessionsOf(calendar, sessions)) {
    const minutes = minutesOf(session)
    for (const [slot, openTime] of minutes.entries()) {
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
          volume: Math.max(1, Math.round(volume * day(slot / minutes.length) * spread)),
        }),
      )
    }
  }
  return bars
}

/** The first sessions of a calendar from {@link START} on. */
export const sessionsOf = (calendar: Calendar, count: number): Session[] => {
  const sessions = [calendar.sessionAt(START) ?? calendar.nextSession(START)]
  while (sessions.length < count) sessions.push(calendar.nextSession(sessions.at(-1)!.open))
  return sessions
}

/** Every minute of a session that a bar may start at. */
export const minutesOf = (session: Session): number[] =>
  Array.from({ length: barMinutes(session) }, (_, slot) => {
    const openTime = session.open + slot * MINUTE
    return openTime < session.continuousEnd ? openTime : session.closingBar!
  })

/**
 * KRX with unusual hours: Tuesdays from 10:00 to 16:30, Wednesdays from 10:00, Thursdays until 15:18 and without a
 * closing auction.
 */
export const unevenCalendar = (): Calendar =>
  createCalendar({
    name: 'krx',
    utcOffsetMinutes: 540,
    hoursOn(_date, day) {
      if (!isWeekday(day)) return null
      const hours = [
        krxHours(10 * 60, 16 * 60 + 30),
        krxHours(10 * 60, 15 * 60 + 30),
        { open: 540, continuousEnd: 15 * 60 + 18, closingBar: null },
      ]
      return hours[((day + 4) % 7) - 2] ?? KRX_HOURS
    },
  })

export const bar = (openTime: number, numbers: Partial<Bar> = {}): Bar => ({
  series: 'test',
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
  bars.map((b, i) =>
    i === at
      ? { ...b, high: Math.round(Math.max(b.open, b.close) * (1 + percent / 100)), volume: b.volume * times }
      : b,
  )

/** The same bars with the prices from one of them on multiplied. */
export const scaledFrom = (bars: readonly Bar[], at: number, factor: number): Bar[] =>
  bars.map((b, i) =>
    i < at ? b : { ...b, open: b.open * factor, high: b.high * factor, low: b.low * factor, close: b.close * factor },
  )

/**
 * The same bars with the close of one minute moved by so many percent on so many times its volume; the price stays
 * there.
 */
export const withMove = (bars: readonly Bar[], at: number, percent: number, times: number): Bar[] => {
  const { open, high, low, volume } = bars[at]!
  return scaledFrom(bars, at, 1 + percent / 100).map((b, i) =>
    i === at ? { ...b, open, high: Math.max(high, b.close), low: Math.min(low, b.close), volume: volume * times } : b,
  )
}

/** The same bars, each price turned into one over it: rises become falls. */
export const inverted = (bars: readonly Bar[]): Bar[] =>
  bars.map((b) => ({ ...b, open: 1 / b.open, high: 1 / b.low, low: 1 / b.high, close: 1 / b.close }))

export const judgeAll = (detector: Detector, bars: readonly Bar[]): Judgement[] => bars.map((b) => detector.push(b))

export const judgedOnly = (judgements: readonly Judgement[]): Judged[] =>
  judgements.filter((j): j is Judged => j.state === 'judged')
