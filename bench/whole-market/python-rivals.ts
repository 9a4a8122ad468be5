import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MINUTE } from '../../src/model/time/bar.ts'
import { isBarMinute } from '../../src/model/time/session.ts'
import { sessionsBack } from '../../src/pipeline/calendar/sessions-back.ts'
import { type Rival, reasonOf } from '../figures.ts'
import { python } from '../python.ts'
import { barAt, calendar, type Surges } from './source.ts'

/** A commit for each bar is slow: fewer minutes are measured. */
const ROUNDS_BY_ROW = 3

interface Market {
  readonly stocks: number
  readonly sessions: number
  readonly minutes: number
  readonly start: number
}

/**
 * The same minutes collected, judged and stored by a Python program, on SQLite and on a running MariaDB.
 *
 * @param mariadbPort - null leaves that out
 */
export const pythonRivals = async (
  market: Market,
  mariadbPort: number | null,
  surges: Surges,
): Promise<{ sqlite: Rival[]; mariadb: Rival[] }> => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-python-'))
  try {
    const historyMinutes = await writeBars(folder, market, surges)
    const { stocks, minutes } = market
    const counts = [stocks, historyMinutes, minutes, ROUNDS_BY_ROW].map(String)
    const port = mariadbPort === null ? [] : [String(mariadbPort)]
    const args = [folder, ...counts, ...port]
    const found = await python<Record<string, Record<string, number[]>>>('whole-market/collect_judge.py', args)
    const rivals = (ways: Record<string, number[]> = {}) =>
      Object.entries(ways).map(([name, values]) => ({ name, values }))
    return { sqlite: rivals(found.sqlite), mariadb: rivals(found.mariadb) }
  } catch (error) {
    const absent = [{ name: 'pandas and scikit-learn', values: { missing: reasonOf(error) } }]
    return { sqlite: absent, mariadb: absent }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the files that the program reads. @returns minutes of history */
const writeBars = async (
  folder: string,
  { stocks, sessions, minutes, start }: Market,
  surges: Surges,
): Promise<number> => {
  const times: number[] = []
  for (let time = sessionsBack(calendar, start, sessions).at(-1)!.open; time < start; time += MINUTE) {
    const session = calendar.sessionAt(time)
    if (session && isBarMinute(session, time)) times.push(time)
  }
  const history = new Float64Array(times.length * stocks * 2)
  for (const [t, time] of times.entries())
    for (let stock = 0; stock < stocks; stock++) {
      const { close, volume } = barAt(stock, time, surges)
      history.set([close, volume], (t * stocks + stock) * 2)
    }
  const live = new Float64Array(minutes * stocks * 5)
  for (let minute = 0; minute < minutes; minute++)
    for (let stock = 0; stock < stocks; stock++) {
      const { open, high, low, close, volume } = barAt(stock, start + minute * MINUTE, surges)
      live.set([open, high, low, close, volume], (minute * stocks + stock) * 5)
    }
  await writeFile(join(folder, 'history.f64'), history)
  await writeFile(join(folder, 'live.f64'), live)
  return times.length
}
