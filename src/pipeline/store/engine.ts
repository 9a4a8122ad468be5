import { RetryableError } from '../../errors.ts'

/** Values that both engines bind and return; MariaDB binds bytes as a `Buffer` only. */
export type Value = string | number | bigint | Uint8Array | null

/** An insert without its rows. */
export interface InsertStatement {
  /** The table and its columns: `t (a, b)`. */
  readonly into: string
  /** The clause for rows whose keys are there already. */
  readonly otherwise: string
}

/** One connection, held by one caller until `release`. */
export interface Connection {
  /** Returns rows as arrays in the order of the selected columns: the fast way for many rows. */
  arrays(sql: string, parameters: readonly Value[]): Promise<Value[][]>
  /** Returns rows as objects, and the number of rows that a write changed. */
  execute(sql: string, parameters: readonly Value[]): Promise<{ rows: object[]; changed: number }>
  /**
   * Inserts rows, each by a statement of its own in SQLite and many by one in MariaDB: the faster way of each.
   *
   * @returns the number of rows that changed, as the engine counts them
   */
  insert(statement: InsertStatement, rows: readonly (readonly Value[])[]): Promise<number>
  /** Begins a transaction that will write: it waits for its turn here, not at its first write. */
  begin(): Promise<void>
  commit(): Promise<void>
  /** Never throws: a connection that cannot roll back is thrown away, which rolls back too. */
  rollback(): Promise<void>
  release(): void
}

/**
 * One of the two databases. Every error that leaves an engine says who must act: `SetupError` the operator,
 * `RetryableError` time; anything else is ours.
 */
export interface Engine {
  readonly kind: 'sqlite' | 'mariadb'
  acquire(): Promise<Connection>
  /** Runs `work` while no other process is in here: for migrations, before anything else is asked of the engine. */
  alone<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * The database rolled a transaction back in favour of another one. Nothing of it was stored, so it can run again at
 * once.
 */
export class TransactionLostError extends RetryableError {}

const ATTEMPTS = 5

const untilKept = async <T>(transaction: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (!(error instanceof TransactionLostError) || attempt === ATTEMPTS) throw error
    }
  }
}

/**
 * Runs `work` in one transaction: whole or not at all. It may run more than once.
 *
 * @param locks - `rows` lets MariaDB lock only the rows that the work touches, and not the gaps between them
 */
export const inTransaction = <T>(
  engine: Engine,
  work: (connection: Connection) => Promise<T>,
  locks: 'usual' | 'rows' = 'usual',
): Promise<T> =>
  untilKept(() =>
    withConnection(engine, async (connection) => {
      if (locks === 'rows' && engine.kind === 'mariadb')
        await connection.execute('set transaction isolation level read committed', [])
      await connection.begin()
      try {
        const result = await work(connection)
        await connection.commit()
        return result
      } catch (error) {
        await connection.rollback()
        throw error
      }
    }),
  )

export const withConnection = async <T>(engine: Engine, work: (connection: Connection) => Promise<T>): Promise<T> => {
  const connection = await engine.acquire()
  try {
    return await work(connection)
  } finally {
    connection.release()
  }
}
