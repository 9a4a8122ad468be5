import { DAY, MINUTE } from '../../model/time/bar.ts'
import { KST_OFFSET } from '../../model/time/session.ts'
import type { UnsentKind } from './contract.ts'
import type { Connection, Engine, Value } from './engine.ts'

/** The `day` of a row that stands for everything kept of a stock when a sink begins: sorts before all real days. */
export const ALL_DAYS = -1

/**
 * Counts the sinks. Writers ask at the end of their transaction. In MariaDB the read locks, so a sink that begins waits
 * for them, and no change falls between what it finds and what is noted for it.
 */
export const countSinks = (engine: Engine['kind']): string =>
  `select count(*) as sinks from mw_sinks${engine === 'mariadb' ? ' lock in share mode' : ''}`

/** Changed minutes of one symbol. */
interface Changed {
  readonly series: string
  readonly symbol: string
  readonly openTimes: readonly number[]
}

/**
 * Notes minutes as unsent, within the transaction that changed them: one row a symbol and Korean day, from its first to
 * its last changed minute. Rows that a sink is sending just now become unsent again.
 */
export const markUnsent = async (
  engine: Engine['kind'],
  { insert }: Pick<Connection, 'insert'>,
  kind: UnsentKind,
  changed: readonly Changed[],
): Promise<void> => {
  const rows = changed.flatMap(({ series, symbol, openTimes }) =>
    [...Map.groupBy(openTimes, (time) => Math.floor((time + KST_OFFSET) / DAY))].map(([day, times]): Value[] => {
      const first = times.reduce((least, time) => Math.min(least, time))
      const last = times.reduce((most, time) => Math.max(most, time))
      return [kind, day, series, symbol, first, last + MINUTE, 0]
    }),
  )
  // In the order of the table, as everybody locks it.
  rows.sort((a, b) => Number(a[1]) - Number(b[1]) || compare(a[2], b[2]) || compare(a[3], b[3]))
  await insert(
    { into: 'mw_unsent (kind, day, venue, symbol, start_time, end_time, taken)', otherwise: wider(engine) },
    rows,
  )
}

const compare = (a: Value | undefined, b: Value | undefined): number => {
  if (a === b) return 0
  return String(a) < String(b) ? -1 : 1
}

const wider = (engine: Engine['kind']): string =>
  engine === 'sqlite'
    ? `on conflict do update set start_time = min(start_time, excluded.start_time),
       end_time = max(end_time, excluded.end_time), taken = 0`
    : `on duplicate key update start_time = least(start_time, values(start_time)),
       end_time = greatest(end_time, values(end_time)), taken = 0`
