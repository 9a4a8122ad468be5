import { z } from 'zod'
import { identified, identifiedCenters, identifiedPool, type MarketCenters, type Model, type Pool } from './model.ts'

const finite = z.number()
const curve = z.array(finite)
const envelope = z.object({ version: z.unknown().optional() })

const model = z.strictObject({
  version: z.literal(2),
  id: z.string(),
  symbol: z.string(),
  k: z.int(),
  seed: z.int(),
  cutoff: z.int(),
  rows: z.int(),
  sessions: finite,
  horizons: z
    .array(
      z.strictObject({
        minutes: z.int(),
        scale: z.strictObject({ from: curve, to: curve }),
        widest: finite,
        edges: curve,
        lent: z.int(),
        clusters: z
          .array(z.strictObject({ size: z.int(), abnormal: z.boolean(), center: z.record(z.string(), finite) }))
          .min(1),
        inertia: finite,
        restarts: z.int(),
      }),
    )
    .min(1),
  curve,
  noisePerSession: finite,
  imported: z.strictObject({ id: z.string(), origin: z.string(), importedAt: z.int() }).exactOptional(),
})

const pool = z.strictObject({
  version: z.literal(2),
  id: z.string(),
  cutoff: z.int(),
  sessions: finite,
  curves: z.strictObject({ horizons: z.record(z.string(), curve), combined: curve }),
})

const marketCenters = z.strictObject({
  version: z.literal(2),
  id: z.string(),
  cutoff: z.int(),
  importedAt: z.int(),
  origin: z.string(),
  surges: z.record(z.string(), curve),
})

/** The content as JSON. Read back, it judges alike. */
export const toSnapshot = (content: Model | Pool | MarketCenters): string => JSON.stringify(content)

/**
 * Reads a stored model; null for one of an older version, which is fitted anew.
 *
 * @throws {SyntaxError} when the text is no snapshot, or one of a version that this program does not know
 */
export const fromSnapshot = (text: string): Model | null =>
  read(text, model, ({ version: _, id, ...content }) => [identified(content), id])

/** Reads a market's stored pool, likewise. */
export const poolFromSnapshot = (text: string): Pool | null =>
  read(text, pool, ({ version: _, id, ...content }) => [identifiedPool(content), id])

/** Reads imported centers, likewise. */
export const centersFromSnapshot = (text: string): MarketCenters | null =>
  read(text, marketCenters, ({ version: _, id, ...content }) => [identifiedCenters(content), id])

const read = <Parsed, Result extends { readonly id: string }>(
  text: string,
  schema: z.ZodType<Parsed>,
  rebuilt: (parsed: Parsed) => [Result, string],
): Result | null => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError('model snapshot is not JSON: train the model again', { cause })
  }
  const version = envelope.safeParse(parsed).data?.version
  if (version === 1) return null
  if (version !== 2)
    throw new SyntaxError(`model snapshot has version ${JSON.stringify(version)}, expected 2: train the model again`)
  const result = schema.safeParse(parsed)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new SyntaxError(
      `model snapshot is broken at ${issue?.path.join('.')}: ${issue?.message}; train the model again`,
    )
  }
  const [content, id] = rebuilt(result.data)
  if (content.id !== id) throw new SyntaxError(`model snapshot ${id} does not match its content: train the model again`)
  return content
}
