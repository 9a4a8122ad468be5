import type { StateStore } from './contract.ts'
import { type Engine, inTransaction, type Value, withConnection } from './engine.ts'
import type { StateRecord } from './records.ts'

const OF_SYMBOL = 'where venue = ? and symbol = ?'

export const createStateStore = (engine: Engine): StateStore => {
  /** Waits for a transaction that changes the symbol's bars, and lets the next one wait. */
  const coverage = `select covered_from, covered_to, revision from mw_coverage ${OF_SYMBOL}${
    engine.kind === 'mariadb' ? ' for update' : ''
  }`
  const asked = async (sql: string, parameters: readonly Value[]): Promise<Value[] | undefined> =>
    (await withConnection(engine, (connection) => connection.arrays(sql, parameters)))[0]

  return {
    async revision(series, symbol) {
      const row = await asked(`select revision from mw_coverage ${OF_SYMBOL}`, [series, symbol])
      return (row?.[0] as number | undefined) ?? 0
    },
    save: (states) =>
      inTransaction(engine, async (connection) => {
        const changed: string[] = []
        for (const { series, symbol, coveredFrom, position, hours, bytes, revision } of states) {
          const [row] = await connection.arrays(coverage, [series, symbol])
          const [from, to, now] = (row ?? []) as number[]
          if (from !== coveredFrom || now !== revision) changed.push(symbol)
          if (changed.at(-1) === symbol || to! < position) continue
          await connection.execute(
            'replace into mw_states (venue, symbol, covered_from, position, hours, bytes) values (?, ?, ?, ?, ?, ?)',
            [series, symbol, coveredFrom, position, hours, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)],
          )
        }
        return changed
      }),
    async get(series, symbol): Promise<StateRecord | null> {
      const row = await asked(`select covered_from, position, hours, bytes from mw_states ${OF_SYMBOL}`, [
        series,
        symbol,
      ])
      if (row === undefined) return null
      const [coveredFrom, position, hours, bytes] = row as [number, number, string, Uint8Array]
      return { series, symbol, coveredFrom, position, hours, bytes }
    },
  }
}
