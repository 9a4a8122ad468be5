import type { Log } from '../../log.ts'
import type { ChangeRow } from '../../model/changes/rows.ts'
import type { Store } from '../store/contract.ts'
import type { Fences } from '../topic/fences.ts'
import { isForeignChange, readOldMessage } from '../topic/old-messages.ts'
import { createPartitionWork, type TopicWork } from '../topic/partition-work.ts'
import type { ChangesDetection } from './detection.ts'

interface Dependencies {
  readonly series: string
  readonly store: Pick<Store, 'changes' | 'watches'>
  readonly detection: Pick<ChangesDetection, 'run' | 'forget'>
  readonly fences: Fences
  /** The symbol of messages that do not name one. */
  readonly fallbackSymbol: string | null
  readonly log: Log
}

const PATIENCE_MS = 20_000

/** Stores the old system's rows as they come in the topic, and judges them from the store. */
export const createChangesTopicWork = (dependencies: Dependencies): TopicWork => {
  const { series, store, detection, fences, fallbackSymbol, log } = dependencies
  const judgeStored = (symbol: string) => detection.run(symbol, AbortSignal.timeout(PATIENCE_MS))
  return createPartitionWork<ChangeRow & { readonly symbol: string }>({
    fences,
    watched: () => store.watches.symbols(series),
    read(message) {
      const found = readOldMessage(message, fallbackSymbol)
      if (typeof found === 'string' || isForeignChange(found)) return found
      return `a message of ${found.symbol} holds a minute with prices, and this process judges percentages (${series})`
    },
    async judge(symbol, rows) {
      await store.changes.save(series, symbol, rows)
      await judgeStored(symbol)
    },
    judgeStored,
    forget: detection.forget,
    log,
  })
}
