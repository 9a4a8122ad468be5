/**
 * Every figure of speed and size in one table: `npm run bench -- all [PART …] [--full] [--write]`. Each part runs in a
 * process of its own, one after another; one that fails or takes too long says so in its place. What a part starts ends
 * with it, and all servers listen on 127.0.0.1 alone. Without `--full` the whole ends within a quarter of an hour.
 * `--write` puts the table into docs/scale.md.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writePage } from './all/page.ts'
import { PARTS } from './all/parts.ts'
import { FIGURE_HEAD, type Figure, figureRows, printFigures, reasonOf } from './figures.ts'
import { inOwnProcess } from './own-process.ts'

const QUARTER_HOUR_MS = 15 * 60_000

export const benchAll = async (print: (line: string) => void = console.log): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { full: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  })
  const names = positionals.length > 0 ? positionals : Object.keys(PARTS)
  const unknown = names.find((name) => !(name in PARTS))
  if (unknown !== undefined) throw new Error(`no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}`)
  // Without this a signal would end this process alone, and leave the part and its servers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const load = loadavg()[0]!
  const begin = Date.now()
  const figures: Figure[] = []
  for (const name of names) {
    const leftMs = values.full ? Number.POSITIVE_INFINITY : QUARTER_HOUR_MS - (Date.now() - begin)
    console.error(`${name}: ${PARTS[name]!.says} …`)
    figures.push(...(await measured(name, values.full, leftMs)))
  }
  const said = machine(load, begin)
  print(said)
  printFigures(figures, print)
  if (values.write)
    writePage(new URL('../docs/scale.md', import.meta.url), said, FIGURE_HEAD, figures.flatMap(figureRows))
}

const measured = async (name: string, full: boolean, leftMs: number): Promise<readonly Figure[]> => {
  const { says, limitSeconds } = PARTS[name]!
  const limitMs = Math.min(1_000 * limitSeconds * (full ? 3 : 1), leftMs)
  if (limitMs <= 0) return [failed(says, `no time was left; alone: npm run bench -- all ${name}`)]
  const temporary = mkdtempSync(join(tmpdir(), 'bench-all-'))
  const remove = () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 })
  process.once('exit', remove)
  try {
    const file = new URL('all/parts.ts', import.meta.url)
    return await inOwnProcess(file, 'measurePart', [name, full], { limitMs, temporary, leads: true })
  } catch (error) {
    return [failed(says, reasonOf(error))]
  } finally {
    remove()
    process.off('exit', remove)
  }
}

const failed = (what: string, missing: string): Figure => ({ what, unit: '', values: { missing } })

/** One sentence about the machine, and about how busy it was before. */
const machine = (load: number, begin: number): string => {
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  const date = new Date(begin).toISOString().slice(0, 10)
  return (
    `${date}: ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${gigabytes} GB, ` +
    `${process.platform} ${process.arch}, Node ${process.versions.node}, load ${load.toFixed(1)} before; ` +
    `${Math.round((Date.now() - begin) / 60_000)} minutes. The value is the median unless a row says otherwise; ` +
    'indented rows did the same work in the same run.'
  )
}

if (import.meta.main) await benchAll()
