import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cluster, inertia } from '../../src/model/clusters/clusters.ts'
import { sparkShell } from '../../tests/support/spark.ts'
import { aptInstall, thisMachine } from '../../tests/support/system.ts'
import { type Figure, median, type Rival, reasonOf } from '../figures.ts'
import { python } from '../python.ts'
import { rawPairs, surges } from './rows.ts'

const ROWS = 75_165
const ROUNDS = 5
/** A fit takes Spark seconds, however few the rows are. */
const SPARK_ROUNDS = 3
const run = promisify(execFile)

interface Outcome {
  readonly version: string
  readonly runs: readonly { readonly ms: number; readonly centers: number[][] }[]
}
interface Task {
  readonly rows: number[][]
  /** The rows as raw float64, row by row. */
  readonly file: string
  readonly folder: string
  readonly k: number
}
/** Fits once a run, each with a seed of its own, and measures the fit alone. */
type Train = (task: Task) => Promise<Outcome>

const ours: Train = async ({ rows, k }) => {
  cluster(rows, { k, seed: ROUNDS })
  const runs = Array.from({ length: ROUNDS }, (_, seed) => {
    const start = performance.now()
    const { centroids } = cluster(rows, { k, seed })
    return { ms: performance.now() - start, centers: centroids }
  })
  return { version: '', runs }
}

const counts = ({ rows, file, k }: Task) => [file, String(rows[0]!.length), String(k), String(ROUNDS)]

const scikitLearn =
  (tolerance: string, threads: number): Train =>
  (task) =>
    python('model-speed/kmeans.py', [tolerance, ...counts(task)], {
      OMP_NUM_THREADS: String(threads),
      OPENBLAS_NUM_THREADS: String(threads),
    })

const r: Train = async (task) => {
  const script = join(import.meta.dirname, 'kmeans.R')
  const { stdout } = await run('Rscript', ['--vanilla', script, ...counts(task)], { maxBuffer: 1e8 })
  return JSON.parse(stdout) as Outcome
}

const spark: Train = async ({ rows, file, folder, k }) => {
  const values = `val (file, columns, k, rounds) = (${JSON.stringify(file)}, ${rows[0]!.length}, ${k}, ${SPARK_ROUNDS})\n`
  const lines = await readFile(join(import.meta.dirname, 'kmeans.scala'), 'utf8')
  // A test is short and does without Java's second compiler; a measurement needs it.
  const said = await sparkShell(folder, values + lines, [
    '-XX:TieredStopAtLevel=4',
    '-XX:+UseParallelGC',
    '-XX:-UseSerialGC',
  ])
  return JSON.parse(said.split('\n').findLast((line) => line.startsWith('{'))!) as Outcome
}

const cores = availableParallelism()
const RIVALS: Readonly<Record<string, Train>> = {
  'n_init 10, scikit-learn': scikitLearn('1e-4', 1),
  ...(cores > 1 ? { [`n_init 10, ${cores} threads, scikit-learn`]: scikitLearn('1e-4', cores) } : {}),
  'n_init 10, tol 0, scikit-learn': scikitLearn('0', 1),
  'nstart 25, R': r,
  'one start, 2 cores, Spark MLlib': spark,
}

/** Installs R on a Debian where that can be done; elsewhere its rows say that it is missing. */
const provideR = async (): Promise<void> => {
  const isThere = await run('Rscript', ['--version']).catch(() => null)
  if (isThere || !thisMachine().canInstall) return
  console.error('Installing r-base-core with apt-get, once.')
  aptInstall(['r-base-core'])
}

/**
 * Trains on the same rows with our k-means, scikit-learn, R and Spark: milliseconds of the fit, and in the names the
 * median inertia as a multiple of the lowest that anyone found.
 *
 * @param dimensions - 2 for the old system's pairs, 1 for our surges
 */
export const trainingFigures = async (
  dimensions: readonly (1 | 2)[],
  clusters: readonly number[] = [2, 3, 4],
): Promise<Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-training-'))
  await provideR()
  const pairs = rawPairs(ROWS, 9)
  const figures: Figure[] = []
  try {
    for (const d of dimensions) {
      const rows = d === 1 ? surges(pairs) : pairs
      const file = join(folder, `${d}.f64`)
      await writeFile(file, Float64Array.from(rows.flat()))
      for (const k of clusters) figures.push(await trained({ rows, file, folder, k }))
    }
    return figures
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const trained = async (task: Task): Promise<Figure> => {
  const { rows, k } = task
  const outcomes: { name: string; outcome: Outcome | Error }[] = []
  for (const [name, train] of Object.entries({ ours, ...RIVALS }))
    outcomes.push({ name, outcome: await train(task).catch((error: Error) => error) })
  const inertias = outcomes.map(({ outcome }) =>
    outcome instanceof Error ? [] : outcome.runs.map(({ centers }) => inertia(rows, centers)),
  )
  const least = Math.min(...inertias.flat())
  const tightness = (at: number) => (median(inertias[at]!) / least).toFixed(4)
  const named = outcomes.map(({ name, outcome }, at): Rival => {
    if (outcome instanceof Error) return { name, values: { missing: reasonOf(outcome) } }
    const { version, runs } = outcome
    return { name: `${[name, version].join(' ').trim()}; inertia ${tightness(at)}`, values: runs.map(({ ms }) => ms) }
  })
  const [own, ...beside] = named
  const fastest = Math.min(...beside.flatMap(({ values }) => ('missing' in values ? [] : [median(values)])))
  return {
    what: `training, ${rows.length.toLocaleString('en')} × ${rows[0]!.length} rows, k = ${k}`,
    ...{ unit: 'ms', values: own!.values, goal: { below: fastest }, beside },
    note: `inertia ${tightness(0)}, a multiple of the least of all`,
  }
}
