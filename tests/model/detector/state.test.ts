import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDetector, type Detector, type DetectorSettings } from '../../../src/model/detector/detector.ts'
import type { Judgement } from '../../../src/model/detector/judgement.ts'
import type { Model } from '../../../src/model/detector/model.ts'
import { restoreDetector, saveDetector } from '../../../src/model/detector/state.ts'
import { PARAMETERS } from '../../../src/model/features/parameters.ts'
import type { Stateful } from '../../../src/model/features/state-tape.ts'
import type { Bar } from '../../../src/model/time/bar.ts'
import { createDayCalendar, createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { at, testSource } from '../../support/market.ts'
import { quietBars, scaledFrom, unevenCalendar, withMove, withSpike } from '../bars.ts'

const krx = createWeekdayCalendar()
const usual: DetectorSettings = { symbol: '038530', calendar: krx, k: 4, seed: 1, warmupMinutes: 120 }

/** Everything that can be asked of a detector. */
const answersOf = (detector: Detector) => ({
  usual: detector.usual,
  learning: detector.learning,
  model: detector.model,
  past: [detector.past.count, detector.past.sessions, detector.past.combinedAlerts, detector.past.alerts(0)],
  rows: detector.model?.horizons.map((_, h) => detector.rows(detector.model!, h)),
  move: detector.model?.horizons.map((_, h) => detector.moveFor(h, 3, 2)),
  fitted: detector.fitNow(3),
})

const pushAll = (detector: Detector, bars: readonly Bar[]): Judgement[] => bars.map((bar) => detector.push(bar))

/** The detector after its first bars, as it was and as it comes back from its bytes. */
const cutAt = (bars: readonly Bar[], cut: number, settings: DetectorSettings) => {
  const detector = createDetector(settings)
  pushAll(detector, bars.slice(0, cut))
  const models = new Map<string, Model>()
  if (detector.model) models.set(detector.model.id, detector.model)
  const bytes = saveDetector(detector, settings)
  const back = (given = bytes, changed: Partial<DetectorSettings> = {}) =>
    restoreDetector(
      given,
      { ...settings, ...changed },
      () => null,
      (id) => models.get(id) ?? null,
    )
  return { detector, bytes, back }
}

describe('a detector that comes back from its bytes', () => {
  test('judges, measures and fits as one that never went, to the last bit', () => {
    const market = fc.record({
      seed: fc.nat(),
      calendar: fc.constantFrom(krx, unevenCalendar(), createDayCalendar()),
      active: fc.constantFrom(0.15, 0.6, 1),
      event: fc.nat({ max: 999 }),
      cut: fc.nat({ max: 1_000 }),
      horizons: fc.constantFrom<readonly number[]>([1, 15], [1], [15]),
    })
    fc.assert(
      fc.property(market, ({ seed, calendar, active, event, cut, horizons }) => {
        const sessions = calendar.name === '24h' ? 2 : 4
        const quiet = quietBars(calendar, { seed, sessions, active })
        const at = Math.floor((event * quiet.length) / 1_000)
        const bars = [withSpike(quiet, at, 9, 60), withMove(quiet, at, -5, 15), scaledFrom(quiet, at, 0.2)][event % 3]!
        const settings = { ...usual, calendar, horizons }
        const first = Math.floor((cut * bars.length) / 1_000)
        const whole = cutAt(bars, first, settings)
        const back = whole.back()!
        expect(answersOf(back)).toStrictEqual(answersOf(whole.detector))
        expect(saveDetector(back, settings)).toEqual(whole.bytes)
        const rest = bars.slice(first)
        expect(pushAll(back, rest)).toStrictEqual(pushAll(whole.detector, rest))
        expect(answersOf(back)).toStrictEqual(answersOf(whole.detector))
        expect(saveDetector(back, settings)).toEqual(saveDetector(whole.detector, settings))
      }),
      { numRuns: 25 },
    )
  })

  test('goes on through sessions of the simulated market, wherever it is cut', async () => {
    const { source } = testSource({ now: at('15:35', 4), surges: [at('10:10'), at('13:20', 2), at('10:45', 3)] })
    const week = { from: at('09:00', -7), to: at('15:35', 4) }
    const bars = await source.fetchBars('990350', week, new AbortController().signal)
    const settings = { ...usual, symbol: '990350', warmupMinutes: 720 }
    const whole = createDetector(settings)
    const judgements = pushAll(whole, bars)
    expect(judgements.filter((each) => each.state === 'judged' && each.abnormal).length).toBeGreaterThan(3)
    for (const cut of [0, 1, 719, 1_143, 1_144, 2_000, bars.length - 1]) {
      const back = cutAt(bars, cut, settings).back()!
      expect(pushAll(back, bars.slice(cut))).toStrictEqual(judgements.slice(cut))
      expect(answersOf(back)).toStrictEqual(answersOf(whole))
    }
  })

  test('brings back what its holder keeps beside it', () => {
    const detector = createDetector(usual)
    const kept = (value: number): Stateful & { value: number } => ({
      value,
      carry(tape) {
        this.value = tape.number(this.value)
      },
    })
    const none = () => null
    const back = kept(0)
    expect(restoreDetector(saveDetector(detector, usual, kept(7)), usual, none, none, back)).not.toBeNull()
    expect(back.value).toBe(7)
  })
})

describe('the bytes of a detector', () => {
  const { detector, bytes, back } = cutAt(quietBars(krx, { seed: 5, sessions: 3 }), 900, usual)
  const changed = (at: number) => bytes.map((byte, place) => (place === at ? byte ^ 1 : byte))

  test.for([
    { name: 'nothing', given: new Uint8Array() },
    { name: 'a part of them', given: bytes.subarray(0, 1_000) },
    { name: 'all but the last', given: bytes.subarray(0, -1) },
    { name: 'one more', given: Uint8Array.from([...bytes, 0]) },
    { name: 'another hash', given: changed(3) },
    { name: 'a number that has changed', given: changed(bytes.length - 900) },
    { name: 'bytes of something else', given: new TextEncoder().encode('something else '.repeat(99)) },
  ])('are refused: $name', ({ given }) => {
    expect(back(given)).toBeNull()
  })

  test.for<[string, Partial<DetectorSettings>]>([
    ['another symbol', { symbol: '005930' }],
    ['another number of clusters', { k: 3 }],
    ['another seed', { seed: 2 }],
    ['another warm-up', { warmupMinutes: 121 }],
    ['other horizons', { horizons: [1] }],
    ['other parameters', { parameters: { ...PARAMETERS, leastUsual: 0.06 } }],
    ['another market', { calendar: createDayCalendar() }],
  ])('are refused by a detector of %s', ([, settings]) => {
    expect(back(bytes, settings)).toBeNull()
  })

  test('are refused while the model that they name is not stored', () => {
    const none = () => null
    expect(detector.model).not.toBeNull()
    expect(restoreDetector(bytes, usual, none, none)).toBeNull()
  })

  // If these change while settings and market tables are as before, the state's `VERSION` must grow, because a stored
  // state would no longer be equal to one that is built from the bars.
  test('stay the same from one version of the program to the next', () => {
    expect(Buffer.from(bytes.subarray(0, 8)).toString('hex')).toBe('231495d76518c0e7')
  })
})
