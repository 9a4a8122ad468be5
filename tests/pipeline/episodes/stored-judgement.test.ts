import { describe, expect, test } from 'vitest'
import { horizonOf, readJudged, readJudgedChange } from '../../../src/pipeline/episodes/stored-judgement.ts'
import { judgedAt, judgedChange, MINUTE_OF_ALERT } from '../../bot/views.ts'
import recorded from '../store/last-release.json' with { type: 'json' }

/**
 * As the release before wrote them: one of the minute alone, and one of a stretch that the price had come further over.
 */
const [ALONE, CLIMB] = [
  recorded.signals.find(({ judgement }) => !judgement.includes('"stretch"'))!.judgement,
  recorded.signals.find(({ judgement }) => judgement.includes('"stretch"'))!.judgement,
]

/** The judgement with something in place of one of its parts, named `why.volume`; left out when that is undefined. */
const spoiled = (content: object, path: string, value: unknown): string => {
  const copy = structuredClone(content) as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop()!
  const holder = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, copy)
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return JSON.stringify(copy)
}
const message = (read: () => unknown): string => {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError)
    return (error as Error).message
  }
  throw new Error('it was read')
}

describe('a stored judgement', () => {
  test.for([
    ['a sudden minute', judgedAt(MINUTE_OF_ALERT)],
    [
      'a slow move',
      { ...judgedAt(MINUTE_OF_ALERT), horizon: 15, why: { ...judgedAt(MINUTE_OF_ALERT).why, horizon: 15 } },
    ],
    [
      'an overnight gap on no usual volume',
      { ...judgedAt(MINUTE_OF_ALERT), why: { ...judgedAt(MINUTE_OF_ALERT).why, gap: true, volumeMultiple: null } },
    ],
  ] as const)('of %s comes back as it was', ([, judged]) => {
    expect(readJudged(JSON.stringify(judged))).toEqual({ judged, older: false })
  })

  test('of the release before is marked older, with its own minute’s move', () => {
    const before = JSON.parse(ALONE)
    const { judged, older } = readJudged(ALONE)
    expect(older).toBe(true)
    expect(judged).toMatchObject({
      openTime: before.openTime,
      score: before.score,
      severity: before.severity,
      abnormal: true,
      horizon: 1,
    })
    expect(judged.why).toMatchObject({
      horizon: 1,
      gap: false,
      movePercent: before.why.movePercent,
      reference: before.why.previousClose,
    })
    expect(judged.why).not.toHaveProperty('previousClose')
  })

  test('of a stretch that the price had come further over tells that stretch', () => {
    const { stretch } = JSON.parse(CLIMB).why
    const { judged } = readJudged(CLIMB)
    expect(judged.why).toMatchObject({ horizon: stretch.minutes, movePercent: stretch.movePercent, direction: 'up' })
    expect(judged.horizon).toBe(stretch.minutes)
    expect(judged.why).not.toHaveProperty('stretch')
  })

  test('has what is usual for the stretch that it tells beside it, not what is usual for a minute', () => {
    for (const text of [ALONE, CLIMB]) {
      const { judged } = readJudged(text)
      const ofMinute = JSON.parse(text).why.typicalMovePercent
      expect(judged.why.typicalMovePercent / ofMinute).toBeCloseTo(Math.sqrt(judged.horizon), 1)
    }
  })

  test('every one that the release before kept can be read', () => {
    for (const { judgement, score } of recorded.signals)
      expect(readJudged(judgement)).toMatchObject({ older: true, judged: { score } })
  })

  test.for([
    ['why.movePercent', 'much'],
    ['why.movePercent', null],
    ['why.direction', 'sideways'],
    ['why.gap', 1],
    ['score', undefined],
    ['severity.of', undefined],
    ['why', undefined],
    ['features', { surge: 'x' }],
    ['state', 'learning'],
  ] as const)('whose %s is %j is refused in one sentence', ([path, value]) => {
    const said = message(() => readJudged(spoiled(judgedAt(MINUTE_OF_ALERT), path, value)))
    expect(said).toMatch(/^a stored judgement cannot be read: [^\n]+$/)
  })

  test.for(['', '{', 'null', '[]', '7', '{"state":"judged"}'])('that is %j is refused in one sentence', (text) => {
    expect(message(() => readJudged(text))).toMatch(/^a stored judgement [^\n]+$/)
    expect(message(() => readJudgedChange(text))).toMatch(/^a stored judgement [^\n]+$/)
  })

  test('of the old table comes back as it was, and is no judgement of bars', () => {
    const text = JSON.stringify(judgedChange)
    expect(readJudgedChange(text)).toEqual(judgedChange)
    expect(message(() => readJudged(text))).toMatch(/^a stored judgement cannot be read/)
    expect(message(() => readJudgedChange(ALONE))).toMatch(
      /^a stored judgement cannot be read: it is none of the old table$/,
    )
    expect(message(() => readJudgedChange(spoiled(judgedChange, 'centers.clusters', [{ size: 1 }])))).toMatch(
      /^a stored judgement/,
    )
  })

  test('says its horizon; one that says none is of the minute alone', () => {
    expect(horizonOf(JSON.stringify({ ...judgedAt(MINUTE_OF_ALERT), horizon: 15 }))).toBe(15)
    expect(horizonOf(ALONE)).toBe(1)
    expect(horizonOf(JSON.stringify(judgedChange))).toBe(1)
  })
})
