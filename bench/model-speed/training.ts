import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cluster, inertia } from '../../src/model/clusters/clusters.ts'
import { rawPairs, surges } from './rows.ts'

const ROWS = 75_165
const ROUNDS = 5
const TOOL = 46
const run = promisify(execFile)

interface Outcome {
  readonly version: string
  readonly runs: readonly { readonly ms: number; readonly centers: number[][] }[]
}
interface Task {
  readonly rows: number[][]
  /** The rows as raw float64, row by row. */
  readonly file: string
  readonly k: number
}
interface Tool {
  readonly name: string
  /** The command that installs it; empty if it is always there. */
  readonly install: string
  /** Fits once a run, each with a seed of its own, and measures the fit alone. */
  train(task: Task): Promise<Outcome>
}

const ours: Tool = {
  name: 'ours',
  install: '',
  async train({ rows, k }) {
    cluster(rows, { k, seed: ROUNDS })
    const runs = Array.from({ length: ROUNDS }, (_, seed) => {
      const start = performance.now()
      const { centroids } = cluster(rows, { k, seed })
      return { ms: performance.now() - start, centers: centroids }
    })
    return { version: '', runs }
  },
}

const outside = (name: string, install: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Tool => ({
  name,
  install,
  async train({ rows, file, k }) {
    const [program, ...first] = command
    const args = [...first, file, String(rows[0]!.length), String(k), String(ROUNDS)]
    const { stdout } = await run(program!, args, { env: { ...process.env, ...env }, maxBuffer: 1e8 })
    return JSON.parse(stdout) as Outcome
  },
})

const beside = (file: string) => join(import.meta.dirname, file)
// The path names Debian's Python, because another one that comes first in PATH does not see Debian's packages.
const sklearn = (says: string, options: readonly string[], threads: number) =>
  outside(
    `scikit-learn, n_init 10${says}`,
    'apt-get install -y --no-install-recommends python3-sklearn',
    ['/usr/bin/python3', beside('kmeans.py'), ...options],
    { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
  )
const cores = availableParallelism()
const TOOLS: readonly Tool[] = [
  ours,
  sklearn('', ['1e-4'], 1),
  ...(cores > 1 ? [sklearn(`, ${cores} threads`, ['1e-4'], cores)] : []),
  sklearn(', tol 0', ['0'], 1),
  outside('R, nstart 25', 'apt-get install -y --no-install-recommends r-base-core', [
    'Rscript',
    '--vanilla',
    beside('kmeans.R'),
  ]),
]

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

/**
 * Trains on the same rows with our k-means, scikit-learn and R. Prints milliseconds, and inertia as a multiple of the
 * lowest of all.
 */
export const benchTraining = async (print: (line: string) => void): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'minutewatch-bench-'))
  const pairs = rawPairs(ROWS, 9)
  const sets = { 'surge, d = 1': surges(pairs), 'raw pair, d = 2': pairs }
  const missing = new Set<string>()
  print(
    `k-means of ${ROWS} rows, ${ROUNDS} seeds each: median ms of the fit alone; inertia / least found by anyone, median and worst`,
  )
  print(
    `  ${'rows'.padEnd(16)}${'k'.padStart(2)}  ${'tool'.padEnd(TOOL)}${'ms'.padStart(9)}${'median'.padStart(12)}${'worst'.padStart(12)}`,
  )
  try {
    for (const [label, rows] of Object.entries(sets)) {
      const file = join(folder, `${rows[0]!.length}.f64`)
      await writeFile(file, Float64Array.from(rows.flat()))
      for (const k of [2, 3, 4]) {
        const measured: { name: string; ms: number; inertias: number[] }[] = []
        for (const { name, install, train } of TOOLS) {
          if (missing.has(install)) continue
          try {
            const { runs, version } = await train({ rows, file, k })
            const inertias = runs.map(({ centers }) => inertia(rows, centers))
            measured.push({
              name: `${name} ${version && `(${version})`}`.trim(),
              ms: median(runs.map(({ ms }) => ms)),
              inertias,
            })
          } catch (error) {
            missing.add(install)
            print(`  without ${name}: ${reason(error)}; to have it beside ours: ${install}`)
          }
        }
        const least = Math.min(...measured.flatMap(({ inertias }) => inertias))
        for (const { name, ms, inertias } of measured) {
          const [middle, worst] = [median(inertias), Math.max(...inertias)].map((value) =>
            (value / least).toFixed(6).padStart(12),
          )
          print(
            `  ${label.padEnd(16)}${String(k).padStart(2)}  ${name.padEnd(TOOL)}${ms.toFixed(1).padStart(9)}${middle}${worst}`,
          )
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The last line that a tool printed before it failed. */
const reason = (error: unknown): string => {
  const { code, stderr } = error as { code?: unknown; stderr?: string }
  return code === 'ENOENT' ? 'not installed' : (stderr?.trim().split('\n').at(-1) ?? String(error))
}
