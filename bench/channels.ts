/**
 * Realised against expected alerts a market day: `npm run bench -- channels`. Channels of 1, 5, 12 and all stocks of
 * the panel, drawn by seed, at each level of `/sensitivity`; the first sessions are left out, because nothing is judged
 * before the third.
 */
import { createSeededRandom } from '../src/model/clusters/random.ts'
import { boundary } from '../src/model/detector/boundary.ts'
import {
  allowedRate,
  type ChannelDay,
  expectedPerDay,
  LEVELS,
  steeringFactor,
} from '../src/model/detector/channel-number.ts'
import { createDetector } from '../src/model/detector/detector.ts'
import { EPISODE_GAP } from '../src/model/detector/episode.ts'
import type { Model } from '../src/model/detector/model.ts'
import { DETECTOR } from '../src/pipeline/bars/detection.ts'
import { createKrxCalendar } from '../src/pipeline/calendar/krx.ts'
import { readPanel } from './detection/data.ts'

/** Sessions of the panel before the first that is judged whole. */
const WARM_UP = 2
/** Sessions of the panel before the first that counts. */
const SKIPPED = 4
const SIZES = [1, 5, 12, Number.POSITIVE_INFINITY]
const NUMBERS = {
  ...Object.fromEntries(Object.entries(LEVELS).map(([name, { alertsPerDay }]) => [name, alertsPerDay])),
  '12 a day': 12,
}

interface Minute {
  readonly stock: number
  readonly openTime: number
  readonly score: number
  readonly model: Model
}

export const benchChannels = async (print: (line: string) => void = console.log): Promise<void> => {
  const calendar = createKrxCalendar()
  const panel = await readPanel()
  const days = new Map<string, Minute[]>()
  panel.forEach(({ symbol, bars }, stock) => {
    const detector = createDetector({ symbol, calendar, ...DETECTOR })
    for (const bar of bars) {
      const date = calendar.lastSession(bar.openTime).date
      if (!days.has(date)) days.set(date, [])
      const judged = detector.push(bar)
      if (judged.state === 'judged' && judged.abnormal)
        days.get(date)!.push({ stock, openTime: bar.openTime, score: judged.score, model: detector.model! })
    }
  })
  const sessions = [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, minutes]) => minutes.sort((a, b) => a.openTime - b.openTime || a.stock - b.stock))
  print(
    `alerts a day, ${panel.length} stocks, sessions ${SKIPPED + 1} to ${sessions.length}; most: in one channel and day, limit three times the number`,
  )
  print(
    `${'number'.padEnd(12)}${'stocks'.padStart(8)}${'expected'.padStart(10)}${'realised'.padStart(10)}${'ratio'.padStart(8)}${'unsteered'.padStart(11)}${'most'.padStart(6)}`,
  )
  for (const [name, alertsPerDay] of Object.entries(NUMBERS))
    for (const size of SIZES) {
      const channels = drawn(panel.length, size)
      const expected = expectedPerDay(alertsPerDay, channels[0]!.size)
      const steered = channels.map((channel) => realised(sessions, channel, alertsPerDay, true))
      const plain = channels.map((channel) => realised(sessions, channel, alertsPerDay, false))
      const mean = (all: readonly (readonly number[])[]) => {
        const counted = all.flatMap((each) => each.slice(SKIPPED))
        return counted.reduce((sum, count) => sum + count, 0) / counted.length
      }
      const cells = [expected.toFixed(2), mean(steered).toFixed(2), (mean(steered) / expected).toFixed(2)]
      print(
        `${name.padEnd(12)}${String(channels[0]!.size).padStart(8)}${cells[0]!.padStart(10)}${cells[1]!.padStart(10)}${cells[2]!.padStart(8)}${(mean(plain) / expected).toFixed(2).padStart(11)}${String(Math.max(...steered.flat())).padStart(6)}`,
      )
    }
}

/** Channels of this size, drawn so that no two of them share a stock. */
const drawn = (stocks: number, size: number): Set<number>[] => {
  const random = createSeededRandom(7)
  const order = Array.from({ length: stocks }, (_, stock) => ({ stock, at: random() })).sort((a, b) => a.at - b.at)
  const each = Math.min(size, stocks)
  return Array.from(
    { length: Math.floor(stocks / each) },
    (_, c) => new Set(order.slice(c * each, (c + 1) * each).map(({ stock }) => stock)),
  )
}

/** Alerts of each session in a channel of these stocks. */
const realised = (
  sessions: readonly (readonly Minute[])[],
  channel: ReadonlySet<number>,
  alertsPerDay: number,
  steers: boolean,
): number[] => {
  const past: ChannelDay[] = []
  return sessions.map((minutes, session) => {
    const factor = steers ? steeringFactor(past) : 1
    const last = new Map<number, number>()
    let today = 0
    for (const { stock, openTime, score, model } of minutes) {
      if (!channel.has(stock)) continue
      if (score < boundary(model, allowedRate({ alertsPerDay, stocks: channel.size, factor, today }))) continue
      if (openTime - (last.get(stock) ?? -Infinity) > EPISODE_GAP) today++
      last.set(stock, openTime)
    }
    if (session >= WARM_UP) past.push({ expected: expectedPerDay(alertsPerDay, channel.size), decided: today })
    return today
  })
}
