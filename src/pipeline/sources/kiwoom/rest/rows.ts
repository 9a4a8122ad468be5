import { barProblem, type Ohlcv } from '../../../../model/time/bar.ts'
import { kstDate, kstInstant, wirePrice, wireVolume } from '../numbers.ts'

/** A row of ka10080 as documented: every field is a text; a price's sign names its side of yesterday's close. */
export interface ChartRow {
  readonly cntr_tm: string
  readonly cur_prc: string
  readonly open_pric: string
  readonly high_pric: string
  readonly low_pric: string
  readonly trde_qty: string
  /** The day's volume up to this row's end; absent in old versions. */
  readonly acc_trde_qty?: string
}

/** A row as numbers, with the day's volume so far if Kiwoom gave it. */
export interface ReadRow extends Ohlcv {
  readonly accumulated: number | null
}

/** Wire to model. Pure. A row that cannot be read becomes a text that names its field and value. */
export const readRow = (row: unknown): ReadRow | string => {
  if (typeof row !== 'object' || row === null) return `a row is ${JSON.stringify(row)}, expected an object`
  const wire = row as Partial<Record<keyof ChartRow, unknown>>
  const openTime = kstInstant(wire.cntr_tm)
  if (openTime === null) return refusal('?', 'cntr_tm', wire.cntr_tm, 'YYYYMMDDHHmmss')
  const at = String(wire.cntr_tm)
  const close = wirePrice(wire.cur_prc)
  if (close === null) return refusal(at, 'cur_prc', wire.cur_prc, 'a price')
  const open = wirePrice(wire.open_pric)
  if (open === null) return refusal(at, 'open_pric', wire.open_pric, 'a price')
  const high = wirePrice(wire.high_pric)
  if (high === null) return refusal(at, 'high_pric', wire.high_pric, 'a price')
  const low = wirePrice(wire.low_pric)
  if (low === null) return refusal(at, 'low_pric', wire.low_pric, 'a price')
  const volume = wireVolume(wire.trde_qty)
  if (volume === null) return refusal(at, 'trde_qty', wire.trde_qty, 'a number of shares')
  const accumulated = wire.acc_trde_qty === undefined || wire.acc_trde_qty === '' ? null : wireVolume(wire.acc_trde_qty)
  if (accumulated === null && wire.acc_trde_qty)
    return refusal(at, 'acc_trde_qty', wire.acc_trde_qty, 'a number of shares')
  const read = { openTime, open, high, low, close, volume, accumulated }
  const problem = barProblem(read)
  return problem ? `row ${at}: ${problem.field} is ${problem.came}, expected ${problem.expected}` : read
}

const refusal = (at: string, field: keyof ChartRow, came: unknown, expected: string): string =>
  `row ${at}: ${field} is ${JSON.stringify(came) ?? 'absent'}, expected ${expected}`

/** All rows of a page, oldest first. If a minute comes twice, the row nearer the top counts: Kiwoom wrote it later. */
export const readRows = (wire: readonly unknown[]): { rows: ReadRow[]; problems: string[] } => {
  const byTime = new Map<number, ReadRow>()
  const problems: string[] = []
  for (const row of wire) {
    const read = readRow(row)
    if (typeof read === 'string') problems.push(read)
    else if (!byTime.has(read.openTime)) byTime.set(read.openTime, read)
  }
  return { rows: [...byTime.values()].sort((a, b) => a.openTime - b.openTime), problems }
}

/** Shares that the day's running volume counts and no row explains. */
export interface LostVolume {
  readonly openTime: number
  readonly shares: number
}

/**
 * The rows, oldest first, at which the running volume jumps by more or less than the row's volume: a bar before such a
 * row is missing. If most rows of a day disagree, the two columns follow different rules (adjusted volumes after a
 * split), and the day is left out.
 */
export const lostVolume = (rows: readonly ReadRow[]): LostVolume[] => {
  const lost: LostVolume[] = []
  let day = ''
  let ofDay: LostVolume[] = []
  let checked = 0
  const finishDay = () => {
    if (ofDay.length * 2 <= checked) lost.push(...ofDay)
    ofDay = []
    checked = 0
  }
  rows.forEach((row, index) => {
    const before = rows[index - 1]
    const date = kstDate(row.openTime)
    const firstOfDay = date !== day
    if (firstOfDay) finishDay()
    day = date
    // Nothing is known of the volume before the oldest row.
    if (!before || row.accumulated === null) return
    const base = firstOfDay ? 0 : before.accumulated
    if (base === null) return
    checked += 1
    const shares = row.accumulated - base - row.volume
    if (shares !== 0) ofDay.push({ openTime: row.openTime, shares })
  })
  finishDay()
  return lost
}
