import { MINUTE } from '../../model/time/bar.ts'
import { BAR_COLUMNS, barOf } from './bars.ts'
import type { UnsentBatch, UnsentKind, UnsentStore } from './contract.ts'
import { type Connection, type Engine, inTransaction, type Value, withConnection } from './engine.ts'
import type { SignalRecord } from './records.ts'
import { ALL_DAYS } from './unsent-marks.ts'

/** The one sink there is. */
const SINK = 'search'
/** Marks that one batch looks at. */
const MARKS = 3_000

const SIGNAL_COLUMNS = ['open_time', 'model_id', 'score', 'rank', 'of', 'judgement', 'episode_id', 'late']

interface Mark {
  readonly symbol: string
  readonly start: number
  readonly end: number
}

/** The marks of one batch: neighbours in the table's order, of one day and series. */
interface Taken {
  readonly kind: UnsentKind
  readonly day: number
  readonly series: string
  readonly first: Mark
  readonly last: Mark
  /** Identifies the batch in the table: marks that change meanwhile lose it, and are sent again. */
  readonly token: number
}

/** Reads what changed by marks instead of by time: no clock, no order of commits and no outage can hide a row. */
export const createUnsentStore = (engine: Engine): UnsentStore => {
  const asked = (sql: string, parameters: readonly Value[]) =>
    withConnection(engine, (connection) => connection.arrays(sql, parameters))
  // Locks of rows only: writers that note the next minutes get between them.
  const run = (sql: string, parameters: readonly Value[]) =>
    inTransaction(engine, (connection) => connection.execute(sql, parameters), 'rows')

  const take = async (kind: UnsentKind, limit: number): Promise<Taken | null> => {
    const [newest] = await asked('select max(day) from mw_unsent where kind = ?', [kind])
    const day = newest?.[0] as number | null
    if (day === null) return null
    const found = await asked(
      `select venue, symbol, start_time, end_time from mw_unsent where kind = ? and day = ?
       order by venue, symbol limit ?`,
      [kind, day, MARKS],
    )
    const series = found[0]?.[0] as string
    const marks = withinLimit(
      found.filter(([venue]) => venue === series),
      limit,
    )
    if (marks.length === 0) return null // another process has sent them
    const token = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) + 1
    const taken: Taken = { kind, day, series, first: marks[0]!, last: marks.at(-1)!, token }
    await run(`update mw_unsent set taken = ? where ${RANGE}`, [token, ...rangeOf(taken)])
    return taken
  }

  /** Rows of the taken marks in the order of symbol and time; of one mark that holds too many, the first ones. */
  const rowsOf = (table: string, columns: readonly string[], taken: Taken, limit: number): Promise<Value[][]> => {
    const wanted = ['symbol', ...columns].map((column) => `r.\`${column}\``).join(', ')
    return asked(
      `select ${wanted} from mw_unsent as u cross join ${table} as r
       on r.venue = u.venue and r.symbol = u.symbol and r.open_time >= u.start_time and r.open_time < u.end_time
       where ${RANGE.replaceAll(/\b(kind|day|venue|symbol)\b/g, 'u.$1')} and u.taken = ?
       order by u.symbol, r.open_time limit ?`,
      [...rangeOf(taken), taken.token, isAlone(taken) ? limit : Number.MAX_SAFE_INTEGER],
    )
  }

  const batchOf = async <T extends { openTime: number }>(
    kind: UnsentKind,
    limit: number,
    read: (taken: Taken) => Promise<T[]>,
  ): Promise<UnsentBatch<T> | null> => {
    const taken = await take(kind, limit)
    if (taken === null) return null
    const items = await read(taken)
    // A mark that holds more than the limit is sent piece by piece: it then begins behind the last one read.
    const isPiece = isAlone(taken) && items.length >= limit
    const where = `where ${RANGE} and taken = ?`
    const parameters = [...rangeOf(taken), taken.token]
    return {
      items,
      async sent() {
        if (!isPiece) await run(`delete from mw_unsent ${where}`, parameters)
        else await run(`update mw_unsent set start_time = ? ${where}`, [items.at(-1)!.openTime, ...parameters])
      },
    }
  }

  return {
    async follow(target) {
      const [known] = await asked('select target, seeded from mw_sinks where name = ?', [SINK])
      if (known?.[0] === target && known[1] === 1) return
      // First the sink alone, so that from its commit on every writer notes what it changes; then all that is kept by
      // then. In MariaDB the reads lock what they read, so they wait for writers that began before.
      await inTransaction(engine, async (connection) => {
        await connection.execute('delete from mw_sinks where name = ?', [SINK])
        await connection.execute('insert into mw_sinks (name, target, seeded) values (?, ?, 0)', [SINK, target])
      })
      const noteAll = async (connection: Connection) => {
        await connection.execute("delete from mw_unsent where kind = 'bars' and day = ?", [ALL_DAYS])
        await connection.execute("delete from mw_unsent where kind = 'signals' and day = ?", [ALL_DAYS])
        await seed(connection, engine.kind)
        await connection.execute('update mw_sinks set seeded = 1 where name = ?', [SINK])
      }
      await inTransaction(engine, noteAll, 'rows')
    },
    bars: (limit) =>
      batchOf('bars', limit, async (taken) => {
        const rows = await rowsOf('mw_bars', BAR_COLUMNS, taken, limit)
        return rows.map(([symbol, ...row]) => barOf(taken.series, symbol as string, row))
      }),
    signals: (limit) =>
      batchOf('signals', limit, async (taken) => {
        const rows = await rowsOf('mw_signals', SIGNAL_COLUMNS, taken, limit)
        return rows.map(([symbol, ...row]) => signalOf(taken.series, symbol as string, row))
      }),
    async count() {
      const [row] = await asked('select count(*) from mw_unsent', [])
      return row?.[0] as number
    },
  }
}

const seed = async (connection: Connection, kind: Engine['kind']): Promise<void> => {
  const locked = kind === 'mariadb' ? 'lock in share mode' : ''
  const into = 'insert into mw_unsent (kind, day, venue, symbol, start_time, end_time, taken)'
  await connection.execute(
    `${into} select 'bars', ${ALL_DAYS}, venue, symbol, covered_from, covered_to, 0 from mw_coverage ${locked}`,
    [],
  )
  await connection.execute(
    `${into} select 'signals', ${ALL_DAYS}, venue, symbol, min(open_time), max(open_time) + ${MINUTE}, 0
     from mw_signals group by venue, symbol ${locked}`,
    [],
  )
}

const RANGE = 'kind = ? and day = ? and venue = ? and symbol >= ? and symbol <= ?'
const rangeOf = ({ kind, day, series, first, last }: Taken): Value[] => [kind, day, series, first.symbol, last.symbol]
const isAlone = ({ first, last }: Taken): boolean => first === last

/** As many marks as hold about `limit` minutes, and one at least. */
const withinLimit = (rows: readonly Value[][], limit: number): Mark[] => {
  const marks: Mark[] = []
  let minutes = 0
  for (const [, symbol, start, end] of rows as [string, string, number, number][]) {
    minutes += (end - start) / MINUTE
    if (marks.length > 0 && minutes > limit) break
    marks.push({ symbol, start, end })
  }
  return marks
}

const signalOf = (series: string, symbol: string, row: readonly Value[]): SignalRecord => {
  const [openTime, modelId, score, rank, of, judgement, episodeId, late] = row as [
    ...[number, string, number, number, number],
    ...[string, string, number],
  ]
  return { series, symbol, openTime, modelId, score, rank, of, judgement, episodeId, late: late === 1 }
}
