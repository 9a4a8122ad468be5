import { DETECTOR } from '../pipeline/bars/detection.ts'
import { createReader } from '../pipeline/bars/reader.ts'
import { createReadDetection } from '../pipeline/bars/reading.ts'
import { createStoredBoundary } from '../pipeline/bars/stored-boundary.ts'
import { createChangesDetection } from '../pipeline/changes/detection.ts'
import { createChangesReader } from '../pipeline/changes/reader.ts'
import type { StoredBoundary } from '../pipeline/episodes/owing-pass.ts'
import type { Directory } from '../pipeline/stocks/directory.ts'
import { unlisted } from '../pipeline/stocks/stocks.ts'
import type { Read } from '../pipeline/views/views.ts'
import type { SharedView } from './shared-view.ts'
import type { Start } from './start.ts'

/** What a bot knows of the minutes that others collect and judge. */
export interface ReadSide {
  readonly read: Read
  readonly boundaryOf: StoredBoundary
}

interface Dependencies extends Pick<Start, 'store' | 'log'> {
  readonly view: SharedView
  readonly directory: Directory
}

const PATIENCE_MS = 20_000

/** Composes the read side that fits the source. */
export const createReadSide = ({ store, log, view, directory }: Dependencies): ReadSide => {
  const { days, takesAnyStock } = view
  const now = Date.now
  // Only the collector can ask its source for a stock that is not listed: it says so where there is none.
  const lookup = async (symbol: string) => (takesAnyStock || directory.all().length === 0 ? unlisted(symbol) : null)
  const source = Object.create(view.source, { lookup: { value: lookup } }) as SharedView['source']
  if (source.kind === 'changes') {
    const detection = createChangesDetection({ source, store, log, now })
    return {
      read: createChangesReader({ source, store, detection, directory }),
      boundaryOf: async ({ symbol }) =>
        (await detection.state(symbol, AbortSignal.timeout(PATIENCE_MS))).detector?.boundary ?? null,
    }
  }
  const { calendar } = days
  const detection = createReadDetection({ source, calendar, store, settings: DETECTOR, log, now })
  return {
    read: createReader({ source, calendar, store, detection, directory }),
    boundaryOf: createStoredBoundary(store.models),
  }
}
