import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { checkFences } from './check-fences.ts'
import type { BarStore } from './contract.ts'
import { type Connection, type Engine, inTransaction, type Value, withConnection } from './engine.ts'
import { SERVER, serverNumber } from './mariadb/errors.ts'
import type { FreshBars } from './records.ts'
import { countSinks, markUnsent } from './unsent-marks.ts'

/** Symbols that one statement names. */
const SYMBOLS = 500

/** The columns that `barOf` reads, in its order. */
export const BAR_COLUMNS = ['open_time', 'open', 'high', 'low', 'close', 'volume', 'received_at']
const COLUMNS = BAR_COLUMNS.join(', ')
const OF_SYMBOL = 'where venue = ? and symbol = ?'
const HOLE = 'fresh bars do not touch what is covered: fetch the minutes between them first'

/**
 * Bars go through raw statements of many rows and come back as arrays: several times faster than a query builder's.
 */
export const createBarStore = (engine: Engine): BarStore => {
  const upsert = upsertOf(engine.kind)
  const storeFresh = createFreshBars(engine.kind)
  const lastOf = 'select max(open_time) from mw_bars as b where b.venue = c.venue and b.symbol = c.symbol'

  const asked = (sql: string, parameters: readonly Value[]) =>
    withConnection(engine, (connection) => connection.arrays(sql, parameters))
  const one = async <T>(sql: string, parameters: readonly Value[]) => (await asked(sql, parameters))[0]?.[0] as T | null

  return {
    async save(series, symbol, bars, covered, fence) {
      const wanted = inOrder(series, symbol, bars, covered)
      if (covered.from === covered.to) return []
      return inTransaction(engine, async (connection) => {
        await checkFences(engine.kind, connection.arrays, [fence])
        const kept = await widenCoverage(engine.kind, connection, series, symbol, covered)
        const changed = await newOrChanged(connection, series, symbol, wanted)
        await upsert(connection, changed)
        const first = changed[0]?.openTime ?? Number.POSITIVE_INFINITY
        if (kept !== null && first < kept.to) await revise(connection, series, symbol, first)
        await markFresh(engine.kind, connection, [{ series, symbol, bars: changed }])
        return changed
      })
    },
    saveFresh: (series, fresh) =>
      inTransaction(engine, async (connection) => {
        const ofSymbols = [...fresh].map(([symbol, bars]) => ({ series, symbol, ...bars }))
        await storeFresh(connection, ofSymbols)
        await markFresh(engine.kind, connection, ofSymbols)
      }),
    async range(series, symbol, { from, to }) {
      const rows = await asked(
        `select ${COLUMNS} from mw_bars ${OF_SYMBOL} and open_time >= ? and open_time < ? order by open_time`,
        [series, symbol, from, to],
      )
      return rows.map((row) => barOf(series, symbol, row))
    },
    async last(series, symbol, count, to) {
      const rows = await asked(
        `select ${COLUMNS} from mw_bars ${OF_SYMBOL} and open_time < ? order by open_time desc limit ?`,
        [series, symbol, to, count],
      )
      return rows.reverse().map((row) => barOf(series, symbol, row))
    },
    async count(series, symbol) {
      return (await one<number>(`select count(*) from mw_bars ${OF_SYMBOL}`, [series, symbol])) ?? 0
    },
    oldest: (series, symbol) => one<number>(`select min(open_time) from mw_bars ${OF_SYMBOL}`, [series, symbol]),
    async coverage(series, symbol) {
      const [row] = await asked(`select covered_from, covered_to from mw_coverage ${OF_SYMBOL}`, [series, symbol])
      return row ? intervalOf(row) : null
    },
    newest: (series) =>
      one<number>(
        `select max(newest) from (select (${lastOf}) as newest from mw_coverage as c where c.venue = ?) as each_symbol`,
        [series],
      ),
    async symbols(series) {
      const rows = await asked('select symbol from mw_coverage where venue = ? order by symbol', [series])
      return rows.map(([symbol]) => symbol as string)
    },
    async seriesHolding(symbol) {
      const rows = await asked('select venue from mw_coverage where symbol = ? order by venue', [symbol])
      return rows.map(([series]) => series as string)
    },
  }
}

/** In time order, each minute once: of two bars of one minute the later given wins. */
const inOrder = (series: string, symbol: string, bars: readonly Bar[], { from, to }: Interval): Bar[] => {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to))
    throw new RangeError(`covered [${from}, ${to}) is not an interval`)
  const byTime = new Map<number, Bar>()
  for (const bar of bars) {
    if (bar.series !== series || bar.symbol !== symbol)
      throw new RangeError(`a bar of ${bar.series} ${bar.symbol} was given as one of ${series} ${symbol}`)
    if (!(bar.openTime >= from && bar.openTime < to))
      throw new RangeError(`the bar of ${symbol} at ${iso(bar.openTime)} is outside the covered ${shown({ from, to })}`)
    byTime.set(bar.openTime, bar)
  }
  return [...byTime.values()].sort((a, b) => a.openTime - b.openTime)
}

/**
 * Must come before anything is read without a lock: the insert locks the symbol's row, there already or not, so two
 * processes that save one symbol take turns.
 *
 * @returns the coverage before; null if there was none
 */
const widenCoverage = async (
  kind: Engine['kind'],
  connection: Connection,
  series: string,
  symbol: string,
  covered: Interval,
): Promise<Interval | null> => {
  const otherwise = kind === 'sqlite' ? 'on conflict do nothing' : 'on duplicate key update venue = venue'
  const { changed: inserted } = await connection.execute(
    `insert into mw_coverage (venue, symbol, covered_from, covered_to) values (?, ?, ?, ?) ${otherwise}`,
    [series, symbol, covered.from, covered.to],
  )
  if (inserted > 0) return null
  const [row] = await connection.arrays(`select covered_from, covered_to from mw_coverage ${OF_SYMBOL}`, [
    series,
    symbol,
  ])
  const kept = intervalOf(row!)
  if (covered.from > kept.to || covered.to < kept.from)
    throw new RangeError(
      `${shown(covered)} of ${symbol} does not touch ${shown(kept)}, which is kept without a hole: fetch the minutes between them first`,
    )
  const from = Math.min(kept.from, covered.from)
  const to = Math.max(kept.to, covered.to)
  if (from !== kept.from || to !== kept.to)
    await connection.execute(`update mw_coverage set covered_from = ?, covered_to = ? ${OF_SYMBOL}`, [
      from,
      to,
      series,
      symbol,
    ])
  return kept
}

/** Notes that bars from a minute on have changed inside the coverage, and removes the state that they are part of. */
const revise = async ({ execute }: Connection, series: string, symbol: string, from: number): Promise<void> => {
  await execute(`update mw_coverage set revision = revision + 1 ${OF_SYMBOL}`, [series, symbol])
  await execute(`delete from mw_states ${OF_SYMBOL} and position > ?`, [series, symbol, from])
}

const markFresh = async (
  kind: Engine['kind'],
  connection: Connection,
  fresh: readonly Omit<SymbolBars, 'covered'>[],
): Promise<void> => {
  const changed = fresh.filter(({ bars }) => bars.length > 0)
  if (changed.length === 0) return
  const [row] = await connection.arrays(countSinks(kind), [])
  if (row?.[0] === 0) return
  const marks = changed.map(({ bars, ...of }) => ({ ...of, openTimes: bars.map(({ openTime }) => openTime) }))
  await markUnsent(kind, connection, 'bars', marks)
}

const newOrChanged = async (
  connection: Connection,
  series: string,
  symbol: string,
  bars: readonly Bar[],
): Promise<Bar[]> => {
  const first = bars[0]?.openTime ?? 0
  const last = bars.at(-1)?.openTime ?? -1
  const kept = await connection.arrays(`select ${COLUMNS} from mw_bars ${OF_SYMBOL} and open_time between ? and ?`, [
    series,
    symbol,
    first,
    last,
  ])
  const byTime = new Map(kept.map((row) => [row[0], row]))
  return bars.filter((bar) => {
    const row = byTime.get(bar.openTime)
    return (
      !row ||
      row[1] !== bar.open ||
      row[2] !== bar.high ||
      row[3] !== bar.low ||
      row[4] !== bar.close ||
      row[5] !== bar.volume
    )
  })
}

/** Fresh bars of one symbol. */
export interface SymbolBars extends FreshBars {
  readonly series: string
  readonly symbol: string
}

/**
 * Stores fresh bars of many symbols within a transaction: coverage first, in the order of the symbols, so that
 * processes that store the same ones take turns. Bars that follow the coverage change nothing before them.
 *
 * @throws {RangeError} if the bars of a symbol leave a hole after its coverage
 */
export const createFreshBars = (kind: Engine['kind']) => {
  const upsert = upsertOf(kind)
  const widen =
    kind === 'sqlite'
      ? `on conflict do update set covered_to = max(covered_to, excluded.covered_to),
           revision = revision + (covered_to > excluded.covered_from)
         where covered_from <= excluded.covered_from and covered_to >= excluded.covered_from`
      : `on duplicate key update revision = revision + (covered_to > values(covered_from)), covered_to =
         if(covered_from <= values(covered_from) and covered_to >= values(covered_from),
           greatest(covered_to, values(covered_to)), null)`
  return async (connection: Connection, fresh: readonly SymbolBars[]): Promise<void> => {
    const sorted = fresh.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
    const changed = await connection
      .insert(
        { into: 'mw_coverage (venue, symbol, covered_from, covered_to)', otherwise: widen },
        sorted.map(({ series, symbol, covered }) => [series, symbol, covered.from, covered.to]),
      )
      .catch((error: unknown) => {
        throw serverNumber(error) === SERVER.NULL_REFUSED ? new RangeError(HOLE, { cause: error }) : error
      })
    if (kind === 'sqlite' && changed < sorted.length) throw new RangeError(HOLE)
    await removeReached(connection, sorted)
    await upsert(
      connection,
      fresh.flatMap(({ bars }) => bars),
    )
  }
}

/** Removes states that reach beyond where fresh bars begin: hardly ever one does, so a single read is the rule. */
const removeReached = async ({ execute }: Connection, fresh: readonly SymbolBars[]): Promise<void> => {
  for (const [series, all] of Map.groupBy(fresh, ({ series }) => series)) {
    const from = Math.min(...all.map(({ covered }) => covered.from))
    const { rows } = await execute('select symbol from mw_states where venue = ? and position > ? limit 1', [
      series,
      from,
    ])
    if (rows.length === 0) continue
    for (let start = 0; start < all.length; start += SYMBOLS) {
      const symbols = all.slice(start, start + SYMBOLS).map(({ symbol }) => symbol)
      const marks = symbols.map(() => '?').join(', ')
      await execute(`delete from mw_states where venue = ? and position > ? and symbol in (${marks})`, [
        series,
        from,
        ...symbols,
      ])
    }
  }
}

const upsertOf = (kind: Engine['kind']) => {
  const replaced = COLUMNS.split(', ').slice(1)
  const otherwise =
    kind === 'sqlite'
      ? `on conflict do update set ${replaced.map((column) => `${column} = excluded.${column}`).join(', ')}`
      : `on duplicate key update ${replaced.map((column) => `${column} = values(${column})`).join(', ')}`
  const statement = { into: `mw_bars (venue, symbol, ${COLUMNS})`, otherwise }
  return async (connection: Connection, bars: readonly Bar[]): Promise<void> => {
    const rows = bars.map(({ series, symbol, openTime, open, high, low, close, volume, receivedAt }) => [
      ...[series, symbol, openTime, open, high, low, close, volume, receivedAt],
    ])
    await connection.insert(statement, rows)
  }
}

export const barOf = (series: string, symbol: string, row: readonly Value[]): Bar => {
  const [openTime, open, high, low, close, volume, receivedAt] = row as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return { series, symbol, openTime, open, high, low, close, volume, receivedAt }
}

const intervalOf = (row: readonly Value[]): Interval => ({ from: row[0] as number, to: row[1] as number })

const shown = ({ from, to }: Interval) => `[${iso(from)}, ${iso(to)})`
const iso = (time: number) =>
  Number.isSafeInteger(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time)
