/**
 * Growth of the cost with stocks and sessions, on SQLite: `npm run bench -- growth [--full]`. Each size has a process of
 * its own. The largest ones take minutes, and only `--full` measures them.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Figure, printFigures, reasonOf } from './figures.ts'
import { inOwnProcess } from './own-process.ts'
import type { Measured } from './whole-market.ts'

/** Stocks and sessions; the last session has begun an hour before. `market` measures 2,800 stocks. */
const SIZES = [
  [100, 3],
  [1_000, 3],
  [100, 1],
  [100, 20],
] as const
const LARGE_SIZES = [
  [28_000, 3],
  [100, 250],
] as const

export const growthFigures = async (full = false): Promise<Figure[]> => {
  const figures: Figure[] = []
  for (const [stocks, sessions] of [...SIZES, ...(full ? LARGE_SIZES : [])])
    figures.push(await measured(stocks, sessions))
  return figures
}

const measured = async (stocks: number, sessions: number): Promise<Figure> => {
  const what = `growth: a minute of ${stocks.toLocaleString('en')} stocks with ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`
  const folder = mkdtempSync(join(tmpdir(), 'bench-growth-'))
  try {
    const path = join(folder, 'market.db')
    const file = new URL('whole-market.ts', import.meta.url)
    const found = await inOwnProcess<Measured>(file, 'measureMarket', [`sqlite:${path}`, stocks, sessions])
    const note = [
      `${Math.round(found.barsPerCpuSecond).toLocaleString('en')} bars/CPU s caught up`,
      `${Math.round(found.megabytes)} MB of memory`,
      `${Math.round(statSync(path).size / 2 ** 20)} MB stored`,
    ].join(', ')
    return { what, unit: 'ms', values: found.minuteMs, note }
  } catch (error) {
    return { what, unit: 'ms', values: { missing: reasonOf(error) } }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const benchGrowth = async (): Promise<void> =>
  printFigures(await growthFigures(process.argv.slice(2).includes('--full')))

if (import.meta.main) await benchGrowth()
