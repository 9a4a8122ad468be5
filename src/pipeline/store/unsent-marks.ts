import { DAY, MINUTE } from '../../model/time/bar.ts'
import { KST_OFFSET } from '../../model/time/session.ts'
import type { UnsentKind } from './contract.ts'
import type { Engine, Value } from './engine.ts'

/** The `day` of a row that stands for everything kept of a stock when a sink begins: sorts after all real days. */
export const ALL_DAYS = -1
/** Marks in one statement. Few sizes, so that few statements are ever prepared. */
const CHUNKS = [50, 1]

/** Answers if a sink follows the store: part of a statement that is run anyway. */
export const SINKS = '(select count(*) from mw_sinks)'

/**
 * Notes minutes of a symbol as unsent, within the transaction that changed them: one row a Korean day, from its first
 * to its last changed minute. It does not touch the rows that a sink is sending just now: it makes them unsent again.
 */
export const markUnsent = async (
  engine: Engine['kind'],
  execute: (sql: string, parameters: Value[]) => Promise<unknown>,
  kind: UnsentKind,
  series: string,
  symbol: string,
  openTimes: readonly number[],
): Promise<void> => {
  const days = [...Map.groupBy(openTimes, (time) => Math.floor((time + KST_OFFSET) / DAY))]
  for (let start = 0; start < days.length; ) {
    const size = CHUNKS.find((rows) => rows <= days.length - start)!
    const parameters = days
      .slice(start, start + size)
      .flatMap(([day, times]) => [kind, day, series, symbol, Math.min(...times), Math.max(...times) + MINUTE])
    await execute(statementOf(engine, size), parameters)
    start += size
  }
}

const statementOf = (engine: Engine['kind'], rows: number): string => {
  const values = Array.from({ length: rows }, () => '(?, ?, ?, ?, ?, ?, 0)').join(', ')
  const wider =
    engine === 'sqlite'
      ? 'on conflict do update set start_time = min(start_time, excluded.start_time), end_time = max(end_time, excluded.end_time)'
      : 'on duplicate key update start_time = least(start_time, values(start_time)), end_time = greatest(end_time, values(end_time))'
  return `insert into mw_unsent (kind, day, venue, symbol, start_time, end_time, taken) values ${values} ${wider}, taken = 0`
}
