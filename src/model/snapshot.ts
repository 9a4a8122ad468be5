import { z } from 'zod'
import { identified, type Model } from './model.ts'

const finite = z.number()
const schema = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  symbol: z.string(),
  k: z.int(),
  seed: z.int(),
  cutoff: z.int(),
  rows: z.int(),
  sessions: finite,
  sessionsPerWeek: finite,
  sessionMinutes: finite,
  clustered: z.literal('surge'),
  anchor: finite,
  anchors: z.int(),
  clusters: z.array(z.strictObject({ size: z.int(), abnormal: z.boolean(), center: z.record(z.string(), finite) })).min(1),
  abnormalFrom: finite,
  inertia: finite,
  restarts: z.int(),
  peaks: z.array(finite),
  recent: z.strictObject({ weeks: finite, peaks: z.array(finite) }),
  noisePerSession: finite,
})

/** The model as JSON that `fromSnapshot` turns back into one that judges alike. */
export const toSnapshot = (model: Model): string => JSON.stringify(model)

/** @throws {SyntaxError} when the text is no snapshot, or one of a version this program does not know */
export const fromSnapshot = (text: string): Model => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError('model snapshot is not JSON: train the model again', { cause })
  }
  const version = (parsed as { version?: unknown } | null)?.version
  if (version !== 1) throw new SyntaxError(`model snapshot has version ${JSON.stringify(version)}, expected 1: train the model again`)
  const result = schema.safeParse(parsed)
  if (result.success) {
    const { version: _, id, ...content } = result.data
    const model = identified(content)
    if (model.id !== id) throw new SyntaxError(`model snapshot ${id} does not match its content: train the model again`)
    return model
  }
  const [issue] = result.error.issues
  throw new SyntaxError(`model snapshot is broken at ${issue?.path.join('.')}: ${issue?.message}; train the model again`)
}
