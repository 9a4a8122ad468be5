import type { Calendar } from '../../../model/time/session.ts'
import type { Store } from '../../store/contract.ts'
import type { ChangesSource } from '../source.ts'

export interface StoredChangesOptions {
  readonly series: string
  readonly calendar: Calendar
  readonly changes: Store['changes']
  /** Wall clock, epoch ms. */
  readonly now: () => number
}

/** The series of rows that another program publishes in the topic. */
export const TOPIC_SERIES = 'kafka'

/** The old system's rows as they came through the topic: detectors store them, and everyone reads them from there. */
export const createStoredChangesSource = ({ series, calendar, changes, now }: StoredChangesOptions): ChangesSource => ({
  name: 'kafka',
  kind: 'changes',
  series,
  provenance: { kind: 'real' },
  calendar,
  capacity: Number.POSITIVE_INFINITY,
  collectAt: '5 * * * * *',
  tellsClosedDays: false,
  now,
  listings: async () => [],
  fetchRows: (symbol, since, signal) => {
    signal.throwIfAborted()
    return changes.since(series, symbol, since ?? 0)
  },
  open: async () => {},
  close: async () => {},
})
