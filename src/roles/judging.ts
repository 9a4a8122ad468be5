import { createDetection, DETECTOR } from '../pipeline/bars/detection.ts'
import { createRereads } from '../pipeline/bars/rereads.ts'
import { createTopicWork } from '../pipeline/bars/topic-work.ts'
import { createChangesDetection } from '../pipeline/changes/detection.ts'
import { createChangesTopicWork } from '../pipeline/changes/topic-work.ts'
import type { Fences } from '../pipeline/topic/fences.ts'
import type { TopicWork } from '../pipeline/topic/partition-work.ts'
import type { SharedView } from './shared-view.ts'
import type { Start } from './start.ts'

/** A detector's work on the topic, and its training before the market opens. */
export interface Judging {
  readonly work: TopicWork
  train(signal: AbortSignal): Promise<void>
  /** Stores the rolling states at the end, so that the next process need not build them. */
  keepStates(signal: AbortSignal): Promise<void>
}

/** A process that trains the market's pool holds that task for so long at a time. */
const TRAINING_MS = 30 * 60_000

interface Dependencies extends Pick<Start, 'config' | 'store' | 'log'> {
  readonly view: SharedView
  readonly fences: Fences
  /** This process's name. */
  readonly holder: string
}

/** Composes the judging that fits the source: of bars, or of the old system's rows. */
export const createJudging = ({ config, store, log, view, fences, holder }: Dependencies): Judging => {
  const { source, days } = view
  const { series } = source
  const shared = { series, store, fences, fallbackSymbol: config.KAFKA_SYMBOL ?? null, log }
  const now = Date.now
  if (source.kind === 'changes') {
    const detection = createChangesDetection({ source, store, log, now, fenceOf: fences.of })
    // Centers are fitted with a session's first run.
    return { work: createChangesTopicWork({ ...shared, detection }), train: async () => {}, keepStates: async () => {} }
  }
  const poolKey = `pool-trained:${series}`
  const training = {
    leads: async () => (await store.leases.take(`train:${series}`, holder, TRAINING_MS)) !== null,
    watched: () => store.watches.symbols(series),
    poolDone: (open: number) => store.keyValues.set(poolKey, String(open)),
    isPoolDone: async (open: number) => (await store.keyValues.get(poolKey)) === String(open),
  }
  const detection = createDetection({
    source,
    rereads: createRereads({ days }),
    store,
    settings: DETECTOR,
    log,
    now,
    shared: { fenceOf: fences.of, training },
  })
  return {
    work: createTopicWork({ ...shared, calendar: days.calendar, detection, now }),
    async train(signal) {
      const own = (await store.watches.symbols(series)).filter((symbol) => fences.holds(symbol))
      await detection.train(own, signal)
      await detection.keepStates(signal)
    },
    keepStates: detection.keepStates,
  }
}
