import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import { KST_OFFSET } from '../../model/time/session.ts'
import type { SeriesKeeper } from '../run/pipeline.ts'
import type { ChangesSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { RawMessage } from '../topic/message.ts'
import type { Outgoing } from '../topic/outgoing.ts'
import { LATE_ROWS } from './detection.ts'

/** A row of one symbol on its way to the topic. */
export interface OutgoingChange {
  readonly symbol: string
  readonly openTime: number
  readonly row: readonly [number, number]
}

/** The row as the old system's own message: filed under the minute before the one in which the change happened. */
export const changeMessage = ({ symbol, openTime, row: [perPrice, perVolume] }: OutgoingChange): RawMessage => {
  const digits = new Date(openTime - MINUTE + KST_OFFSET).toISOString().replaceAll(/\D/g, '')
  const json = { date: digits.slice(0, 8), time: digits.slice(8, 14), per_price: perPrice, per_volume: perVolume }
  return {
    key: Buffer.from(symbol),
    value: Buffer.from(JSON.stringify({ ...json, code: symbol })),
    headers: new Map(),
  }
}

interface Dependencies {
  readonly source: ChangesSource
  readonly store: Pick<Store, 'changes'>
  readonly outgoing: Pick<Outgoing<OutgoingChange>, 'add'>
}

/** A collector's work on the old system's table: stores its rows, and publishes those that are new. */
export const createChangesPublishing = ({ source, store, outgoing }: Dependencies): SeriesKeeper => {
  const { series } = source
  const catchUp: SeriesKeeper['catchUp'] = async (symbol, signal) => {
    const newest = await store.changes.newest(series, symbol)
    const until = minuteOf(source.now())
    const since = newest === null ? null : newest - LATE_ROWS
    const rows = (await source.fetchRows(symbol, since, signal)).filter(({ openTime }) => openTime < until)
    const known = new Set((await store.changes.since(series, symbol, since ?? 0)).map(({ openTime }) => openTime))
    const fresh = rows.filter(({ openTime }) => !known.has(openTime))
    await store.changes.save(series, symbol, fresh)
    // The last row of a whole history is enough: detectors read the others from the store.
    for (const row of newest === null ? fresh.slice(-1) : fresh) outgoing.add({ symbol, ...row })
  }
  return {
    fetchHistory: async (symbol, _tell, signal) => catchUp(symbol, signal),
    learn: async (symbol, _tell, signal) => catchUp(symbol, signal),
    catchUp,
    train: async () => {},
    forget: () => {},
  }
}
