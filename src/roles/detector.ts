import { randomUUID } from 'node:crypto'
import { holderName, holdLease } from '../lease.ts'
import { detectorMetrics, openRoleMonitoring } from '../monitoring.ts'
import { startSchedule } from '../pipeline/run/schedule.ts'
import { keyHash } from '../pipeline/topic/connection.ts'
import { createFences } from '../pipeline/topic/fences.ts'
import { openSubscription } from '../pipeline/topic/subscription.ts'
import { openSearch, searchPasses } from '../search.ts'
import { createJudging } from './judging.ts'
import { openSharedView } from './shared-view.ts'
import { leave, type Start, type Started } from './start.ts'
import { topicOf } from './topic.ts'

/** Longest time for storing states at the end. */
const LAST_STATES_MS = 1_000

/** Judges the minutes that come in its partitions of the topic, and stores signals and episodes. */
export const startDetector = async (start: Start): Promise<Started> => {
  const { config, store, log, stop, parts } = start
  const view = await openSharedView(start)
  const { source } = view
  const { series } = source
  // Nobody else wants this lease: a process that does everything waits while it is held.
  const names = [`detector:${randomUUID()}`]
  const lease = await holdLease({ leases: store.leases, names, other: 'another detector runs', log }, stop)
  parts.defer(() => lease.release())
  const search = await openSearch(config, store, log)
  if (search) parts.defer(() => search.close())

  const holder = holderName()
  const settings = topicOf(config)
  const fences = createFences({ leases: store.leases, topic: settings.topic, holder, hash: await keyHash() })
  const { work, train, keepStates } = createJudging({ config, store, log, view, fences, holder })
  parts.defer(() =>
    keepStates(AbortSignal.timeout(LAST_STATES_MS)).catch((error: unknown) =>
      log.warn({ err: error }, 'states not stored: the next start builds them from the bars'),
    ),
  )
  const subscription = openSubscription({ settings, work, log })
  parts.defer(() => leave('work on a partition', subscription.close(), log))
  const schedule = startSchedule(
    [
      ...view.passes,
      { name: 'unwatched', at: '30 * * * * *', run: () => work.forgetUnwatched() },
      { name: 'train', at: '0 30 3 * * *', run: train },
      ...searchPasses(search, store.leases),
    ],
    log,
  )
  parts.defer(() => leave('passes', schedule.stop(), log))
  const monitoring = await openRoleMonitoring({
    port: config.HTTP_PORT,
    search,
    store,
    problem: () => subscription.status().problem,
    metrics: async () =>
      detectorMetrics({
        ...subscription.status(),
        passedOver: work.passedOver(),
        oldestUnjudged: await store.signals.oldestUnjudged(series),
        marketNow: source.now(),
      }),
  })
  if (monitoring) parts.defer(() => monitoring.close())
  return {
    source,
    client: null,
    sandbox: null,
    firstWatched: [],
    healthUrl: monitoring?.url ?? null,
    ended: lease.lost,
  }
}
