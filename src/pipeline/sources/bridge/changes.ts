import { UnknownSymbolError } from '../../../errors.ts'
import type { ChangeRow } from '../../../model/changes/rows.ts'
import { MINUTE } from '../../../model/time/bar.ts'
import type { ChangesSource } from '../source.ts'
import { createSteadyClock } from '../steady-clock.ts'
import { createBridgeDatabase, quotedTable } from './database.ts'
import { freshness } from './freshness.ts'
import { readLayout } from './layout.ts'
import { namedListing, readNames } from './names.ts'
import { BRIDGE_SCHEDULE, type BridgeOptions, NAMES_TABLE, TABLE } from './source.ts'
import { oncePerMinute, openTrainingset, type TimedRow, type Trainingset } from './trainingset.ts'
import { storedSymbol } from './values.ts'

/** Every stock is read whole once a session, so fewer stocks fit than in a source of bars. */
const STOCKS = 50

/** True if the bridge's table holds the old system's changes instead of bars. @throws {SetupError | RetryableError} */
export const holdsChanges = async (
  { url, setting, table = TABLE }: BridgeOptions,
  signal: AbortSignal,
): Promise<boolean> => {
  const database = createBridgeDatabase(url, setting)
  try {
    const layout = await readLayout(database, table, signal)
    return layout?.columns.has('per_price') === true && !layout.columns.has('close')
  } finally {
    await database.close()
  }
}

/**
 * Reads the old system's table exactly as it is: `trainingset(date, time, per_price, per_volume, code)`, which another
 * collector goes on filling. A change belongs to the minute after the one that the table files it under.
 */
export const createTrainingsetSource = ({ calendar, now: wall, log, ...options }: BridgeOptions): ChangesSource => {
  const table = options.table ?? TABLE
  const namesTable = options.namesTable ?? NAMES_TABLE
  const database = createBridgeDatabase(options.url, options.setting)
  const now = createSteadyClock(wall, log)
  const known = new Set<string>()
  let opened: Trainingset | null = null

  const open = async (signal: AbortSignal): Promise<Trainingset> => {
    if (opened) return opened
    let logged = false
    opened = await openTrainingset(database, table, signal, ({ rows, first }) => {
      if (!logged)
        log.warn(
          { table, rows, first },
          'rows of the bridge table have a date and time that make no moment: they are left out',
        )
      logged = true
    })
    const { keyAdvice: advice } = opened
    if (advice !== null) log.warn({ table, advice }, 'bridge table has no key on (code, date): every read scans it all')
    return opened
  }
  const storedSymbols = async (signal: AbortSignal): Promise<string[]> => {
    await open(signal)
    const rows = await database.read(table, `SELECT DISTINCT \`code\` FROM ${quotedTable(table)}`, [], signal)
    const symbols = new Set(rows.map((row) => storedSymbol(row.code)).filter((symbol) => symbol !== null))
    for (const symbol of symbols) known.add(symbol)
    return [...symbols].sort()
  }
  const has = async (symbol: string, signal: AbortSignal): Promise<boolean> =>
    known.has(symbol) || (await storedSymbols(signal)).includes(symbol)

  return {
    name: 'bridge',
    kind: 'changes',
    series: `bridge:${table}`,
    provenance: { kind: 'real' },
    calendar,
    capacity: STOCKS,
    collectAt: BRIDGE_SCHEDULE,
    tellsClosedDays: false,
    now,
    async listings(signal) {
      const symbols = await storedSymbols(signal)
      const names = await readNames(database, namesTable, signal)
      return symbols.map((symbol) => namedListing(symbol, names))
    },
    async lookup(symbol, signal) {
      return (await has(symbol, signal)) ? namedListing(symbol, await readNames(database, namesTable, signal)) : null
    },
    async fetchRows(symbol, since, signal) {
      const trainingset = await open(signal)
      const rows =
        since === null
          ? oncePerMinute((await trainingset.all(symbol, signal)).rows)
          : await trainingset.newRows(symbol, since - MINUTE, signal)
      if (rows.length === 0 && !(await has(symbol, signal))) throw new UnknownSymbolError(symbol)
      return rows.map(toChangeRow)
    },
    async check(signal) {
      const { keyAdvice, newest, unreadable } = await open(signal)
      const { rows, first } = await unreadable(signal)
      const findings = [
        {
          ok: true,
          message: `${table} holds changes in percent: alerts come from its own two features, and there is no chart`,
        },
        freshness(table, await newest(now(), signal), { now: now(), calendar }),
      ]
      if (rows > 0)
        findings.push({
          ok: false,
          message:
            `${table}: ${rows} rows have a date and time that make no moment and are left out; ` +
            `the first: ${first}`,
        })
      if (keyAdvice !== null)
        findings.push({
          ok: false,
          message: `${table} has no key on (code, date), so every read scans it all: ${keyAdvice}`,
        })
      return findings
    },
    async open(signal) {
      await open(signal)
    },
    close: () => database.close(),
  }
}

/** The change happened in the minute after the one that its row is filed under. */
const toChangeRow = ({ filedTime, perPrice, perVolume }: TimedRow): ChangeRow => ({
  openTime: filedTime + MINUTE,
  row: [perPrice, perVolume],
})
