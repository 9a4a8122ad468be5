import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import { createDetector } from '../../src/model/detector/detector.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { DETECTOR } from '../../src/pipeline/bars/detection.ts'
import { sessionsBack } from '../../src/pipeline/calendar/sessions-back.ts'
import { cpuSeconds, never } from './market.ts'
import { barAt, calendar, codeOf, memorySource, type Surges } from './source.ts'

const TABLES = [
  `create table bars (symbol varchar(16) not null, open_time bigint not null, open double not null, high double not null,
    low double not null, close double not null, volume double not null, primary key (symbol, open_time))`,
  'create table progress (symbol varchar(16) not null primary key, judged_until bigint not null)',
]
const barRow = ({ symbol, openTime, open, high, low, close, volume }: Bar) => [
  ...[symbol, openTime, open, high, low, close, volume],
]
const progressRow = ({ symbol, openTime }: Bar) => [symbol, openTime + MINUTE]

/** Stores the bars of one minute, and how far each stock is judged, in one transaction. */
type Write = (bars: readonly Bar[]) => Promise<void>

const sqliteWriter = (path: string): { write: Write; close(): void } => {
  const database = new DatabaseSync(path)
  database.exec(`pragma journal_mode = wal; pragma synchronous = normal; ${TABLES.join(';')}`)
  const insert = database.prepare('insert into bars values (?, ?, ?, ?, ?, ?, ?)')
  const note = database.prepare(
    'insert into progress values (?, ?) on conflict do update set judged_until = excluded.judged_until',
  )
  return {
    async write(bars) {
      database.exec('begin')
      for (const bar of bars) {
        insert.run(...barRow(bar))
        note.run(...progressRow(bar))
      }
      database.exec('commit')
    },
    close: () => database.close(),
  }
}

const mariadbWriter = async (url: string): Promise<{ write: Write; close(): Promise<void> }> => {
  const connection = await createConnection(url)
  for (const table of TABLES) await connection.query(table)
  return {
    async write(bars) {
      await connection.beginTransaction()
      await connection.query('insert into bars values ?', [bars.map(barRow)])
      const otherwise = 'on duplicate key update judged_until = values(judged_until)'
      await connection.query(`insert into progress values ? ${otherwise}`, [bars.map(progressRow)])
      await connection.commit()
    },
    close: () => connection.end(),
  }
}

/** Times of the least work: detectors in a list, and statements written by hand. */
export interface ByHand {
  readonly sqliteMs: number[]
  readonly mariadbMs: number[]
  /** Bars judged a CPU second, models fitted, nothing stored. */
  readonly barsPerCpuSecond: number
}

/**
 * Judges the same bars as the bot and stores them, without episodes, channels and everything else that makes a bot.
 *
 * @param mariadbUrl - a database without tables; null leaves it out
 */
export const judgeByHand = async (
  { stocks, sessions, minutes, start }: { stocks: number; sessions: number; minutes: number; start: number },
  sqlitePath: string,
  mariadbUrl: string | null,
  surges: Surges,
): Promise<ByHand> => {
  const source = memorySource(stocks, { now: start }, surges)
  const covered = { from: sessionsBack(calendar, start, sessions).at(-1)!.open, to: start }
  const detectors = Array.from({ length: stocks }, (_, stock) =>
    createDetector({ symbol: codeOf(stock), calendar, ...DETECTOR }),
  )
  let [seconds, judged] = [0, 0]
  for (const [stock, detector] of detectors.entries()) {
    const bars = await source.fetchBars(codeOf(stock), covered, never)
    const begin = cpuSeconds()
    for (const bar of bars) detector.push(bar)
    detector.takeFitted()
    seconds += cpuSeconds() - begin
    judged += bars.length
  }
  let now = start
  const live = async (write: Write): Promise<number[]> => {
    const walls: number[] = []
    for (let minute = 0; minute < minutes; minute++, now += MINUTE) {
      const begin = performance.now()
      const bars = detectors.map((_, stock) => barAt(stock, now, surges))
      for (const [stock, detector] of detectors.entries()) detector.push(bars[stock]!)
      await write(bars)
      walls.push(performance.now() - begin)
    }
    return walls
  }
  const sqlite = sqliteWriter(sqlitePath)
  const sqliteMs = await live(sqlite.write)
  sqlite.close()
  const mariadb = mariadbUrl === null ? null : await mariadbWriter(mariadbUrl)
  const mariadbMs = mariadb ? await live(mariadb.write) : []
  await mariadb?.close()
  return { sqliteMs, mariadbMs, barsPerCpuSecond: judged / seconds }
}
