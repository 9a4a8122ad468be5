import { z } from 'zod'
import type { JudgedChange } from '../../model/changes/detector.ts'
import type { Judged } from '../../model/detector/judgement.ts'

const number = z.number()
const verdict = {
  state: z.literal('judged'),
  openTime: number,
  modelId: z.string(),
  cluster: number,
  abnormal: z.boolean(),
  score: number,
  severity: z.object({ rank: number, of: number }),
  features: z.record(z.string(), number),
}
const measured = {
  direction: z.enum(['up', 'down']),
  movePercent: number,
  typicalMovePercent: number,
  volume: number,
  typicalVolume: number,
  volumeMultiple: number.nullable(),
  turnover: number,
  typicalTurnover: number,
  drivers: z.record(z.string(), number),
  baselineMinutes: number,
  timeOfDay: z.boolean(),
}
const judged = z.object({
  ...verdict,
  horizon: number,
  clusters: number,
  why: z.object({ ...measured, horizon: number, reference: number, gap: z.boolean() }),
})
/** The form of the detector before: it measured the minute alone, and named a longer move beside it. */
const older = z.object({
  ...verdict,
  why: z.object({
    ...measured,
    previousClose: number,
    stretch: z.object({ minutes: number, movePercent: number }).optional(),
  }),
})
const changes = z.object({
  ...verdict,
  centers: z.object({
    symbol: z.string(),
    k: number,
    features: z.enum(['seed', 'model']),
    rows: number,
    clusters: z.array(z.object({ size: number, abnormal: z.boolean(), center: z.record(z.string(), number) })),
    inertia: number,
    seed: number,
    restarts: number,
  }),
  cutoff: number,
})

/**
 * A stored judgement. Scores of an older detector are on another scale and are never compared with those of this one.
 */
export interface StoredJudgement {
  readonly judged: Judged
  readonly older: boolean
}

/** Reads and validates a stored judgement of bars. @throws {SyntaxError} if the text is none */
export const readJudged = (text: string): StoredJudgement => {
  const content = parsed(text)
  const present = judged.safeParse(content)
  if (present.success) return { judged: present.data, older: false }
  const before = older.safeParse(content)
  if (!before.success)
    throw new SyntaxError('a stored judgement cannot be read: it has no form that this version or an older one wrote')
  const { why, ...rest } = before.data
  const { previousClose, stretch, ...measured } = why
  const wider = stretch !== undefined && Math.abs(stretch.movePercent) > Math.abs(measured.movePercent) ? stretch : null
  const horizon = wider?.minutes ?? 1
  const typicalMovePercent = measured.typicalMovePercent * Math.sqrt(horizon)
  const move = wider
    ? {
        movePercent: wider.movePercent,
        typicalMovePercent,
        direction: wider.movePercent < 0 ? ('down' as const) : ('up' as const),
      }
    : {}
  return {
    judged: {
      ...rest,
      horizon,
      clusters: 0,
      why: { ...measured, ...move, horizon, reference: previousClose, gap: false },
    },
    older: true,
  }
}

/** Reads and validates a stored judgement of the old system's rows. @throws {SyntaxError} if the text is none */
export const readJudgedChange = (text: string): JudgedChange => {
  const result = changes.safeParse(parsed(text))
  if (!result.success) throw new SyntaxError('a stored judgement cannot be read: it is none of the old table')
  return result.data
}

/** Minutes of the stretch that made a stored minute odd; 1 if the judgement does not say. */
export const horizonOf = (text: string): number => {
  try {
    return z.object({ horizon: number }).safeParse(parsed(text)).data?.horizon ?? 1
  } catch {
    return 1 // an unreadable judgement must not stop its episode
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError('a stored judgement is not JSON', { cause })
  }
}
