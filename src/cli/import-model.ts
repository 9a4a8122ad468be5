import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { SetupError } from '../errors.ts'
import type { Log } from '../log.ts'
import { marketWidest } from '../model/detector/fit.ts'
import { CLUSTERED, centersAt } from '../model/detector/market-centers.ts'
import { identifiedCenters, type MarketCenters } from '../model/detector/model.ts'
import { HORIZONS } from '../model/features/features.ts'
import { marketOf } from '../model/features/markets.ts'
import { PARAMETERS } from '../model/features/parameters.ts'
import { MINUTE } from '../model/time/bar.ts'
import { DETECTOR } from '../pipeline/bars/detection.ts'
import { keepCenters, storedCenters, storedPools } from '../pipeline/bars/market-pool.ts'
import type { BarSource } from '../pipeline/sources/source.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { openStore } from '../pipeline/store/index.ts'
import { clockTime } from './centers-origin.ts'
import { withConfiguredSource } from './configured-source.ts'
import { type Terminal, UsageError } from './terminal.ts'

interface Options {
  readonly remove?: boolean
  readonly json?: boolean
}

/** A file of centers is a few hundred bytes. */
const MOST_BYTES = 1_000_000

/**
 * Makes the centers of a file those of the market of the configured source, from the next session on; or, with
 * `remove`, gives each stock centers of its own again.
 */
export const importModel = async (
  file: string | undefined,
  { remove = false, json = false }: Options,
  config: Config,
  log: Log,
  terminal: Terminal,
): Promise<void> => {
  if (remove === (file !== undefined)) throw new UsageError('import-model needs a file of centers, or --remove')
  const found = file === undefined ? { origin: '', surges: {} } : await readCenters(file)
  const store = await openStore(config.DATABASE_URL, { log })
  try {
    await withConfiguredSource({ config, store, log }, async (source) => {
      if (source.kind === 'changes')
        throw new SetupError(
          `${source.series} holds changes in percent, not prices: its minutes have no ${CLUSTERED}, and no centers can be imported`,
        )
      // A session that opens within this minute may have its models already.
      const session = source.calendar.nextSession(source.now() + MINUTE)
      const { series } = source
      if (remove && centersAt(await storedCenters(store.models, series), session.open) === null)
        throw new SetupError(`no centers are imported for ${series}: there is nothing to remove`)
      const centers = identifiedCenters({ cutoff: session.open, importedAt: Date.now(), ...found })
      await keepCenters(store.models, series, centers)
      if (json) terminal.json({ series, ...centers })
      else await tell(centers, source, store, terminal)
    })
  } finally {
    await store.close()
  }
}

const tell = async (
  { cutoff, origin, surges }: MarketCenters,
  { series, calendar }: Pick<BarSource, 'series' | 'calendar'>,
  store: Store,
  terminal: Terminal,
): Promise<void> => {
  const from = `from the session of ${clockTime(cutoff, calendar.utcOffsetMinutes)} on`
  if (Object.keys(surges).length === 0) {
    terminal.line(`${series}: ${from} each stock has centers of its own again`)
    return
  }
  terminal.line(`${series}: the centers of ${origin} judge ${from}, until others are imported or import-model --remove`)
  const [pool] = await storedPools(store.models, series, 1)
  const curves = (pool ?? marketOf(calendar.name)).curves
  for (const [h, minutes] of HORIZONS.entries()) {
    const centers = surges[String(minutes)]!
    const edge = (centers.at(-2)! + centers.at(-1)!) / 2
    const widest = Math.expm1(marketWidest(curves, HORIZONS, h, PARAMETERS))
    terminal.line(
      `  ${String(minutes).padStart(2)} min  ${CLUSTERED} ${centers.map(plain).join('  ')}  abnormal from ${plain(Math.min(edge, widest))}`,
    )
    if (edge > widest)
      terminal.problem(
        `${minutes} min: the furthest cluster begins at ${plain(edge)}, beyond what this market reaches twice a session (${plain(widest)}), and is widened to that; docs/spark.md fits centers that need no widening`,
      )
  }
}

const plain = (number: number): string => String(Number(number.toPrecision(4)))

/** One line of text that can stand in a message. */
const originText = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^\P{Cc}*$/u, 'expected one line of text')

/** The form of a file of centers; a center's numbers are named by their features. */
const centersFile = z.object({
  origin: originText,
  features: z.array(z.string()),
  k: z.int(),
  horizons: z.array(
    z.object({ minutes: z.int(), clusters: z.array(z.object({ center: z.record(z.string(), z.number()) })) }),
  ),
})

/** @throws {SetupError} unless the file holds k centers of the clustered feature for each horizon */
const readCenters = async (path: string): Promise<Pick<MarketCenters, 'origin' | 'surges'>> => {
  const refused = (problem: string, cause?: unknown) =>
    new SetupError(`${path}: ${problem}; docs/spark.md shows the form`, { cause })
  const parsed = centersFile.safeParse(await readJson(path))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw refused(`${issue?.path.join('.') || 'the file'} is not as expected (${issue?.message})`)
  }
  const { origin, features, k, horizons } = parsed.data
  if (features.join() !== CLUSTERED)
    throw refused(`the features are ${features.join(', ') || 'none'}, expected ${CLUSTERED} alone`)
  if (k !== DETECTOR.k) throw refused(`k is ${k}, expected ${DETECTOR.k}, the number of clusters that judge`)
  const given = horizons.map(({ minutes }) => minutes).sort((a, b) => a - b)
  if (given.join() !== HORIZONS.join())
    throw refused(`the horizons are ${given.join(' and ') || 'none'} minutes, expected ${HORIZONS.join(' and ')}`)
  const surges = horizons.map(({ minutes, clusters }) => {
    const centers = clusters.map(({ center }) => {
      const value = center[CLUSTERED]
      if (value === undefined || Object.keys(center).length > 1)
        throw refused(
          `a center of ${minutes} min has ${Object.keys(center).join(', ') || 'nothing'}, expected ${CLUSTERED}`,
        )
      if (value < 0) throw refused(`a center of ${minutes} min is ${value}, expected 0 or more`)
      return value
    })
    if (centers.length !== k) throw refused(`${minutes} min has ${centers.length} clusters, expected ${k}`)
    if (new Set(centers).size < k) throw refused(`two centers of ${minutes} min are the same`)
    return [String(minutes), centers.sort((a, b) => a - b)] as const
  })
  return { origin, surges: Object.fromEntries(surges.sort(([a], [b]) => Number(a) - Number(b))) }
}

const readJson = async (path: string): Promise<unknown> => {
  let text: string
  try {
    const { size } = await stat(path)
    if (size > MOST_BYTES) throw new SetupError(`${path} has ${size} bytes: expected a file of centers, which is small`)
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof SetupError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    throw new SetupError(`${path} cannot be read (${code}): name a file of centers`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SetupError(`${path} is not JSON: expected a file of centers as docs/spark.md shows`, { cause })
  }
}
