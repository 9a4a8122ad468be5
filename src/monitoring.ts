import type { Discord } from './bot/discord/client.ts'
import { type Health, type HealthServer, type Metric, openHealth } from './health.ts'
import type { Market } from './market.ts'
import type { Passes } from './passes.ts'
import type { SearchSink } from './pipeline/search-sink/sink.ts'
import type { AnySource } from './pipeline/sources/index.ts'
import type { Store } from './pipeline/store/contract.ts'
import type { Shards } from './pipeline/store/records.ts'
import type { SubscriptionStatus } from './pipeline/topic/subscription.ts'

const LONGEST_PASS_MS = 10 * 60_000

interface Parts extends Pick<Market, 'pipeline'> {
  /** Nothing is served if absent. */
  readonly port: number | undefined
  readonly source: AnySource
  readonly store: Pick<Store, 'watches' | 'outbox' | 'unsent'>
  readonly discord: Pick<Discord, 'problem'>
  /** The shards whose guilds' posts are counted. */
  readonly shards: Shards
  /** Null if no search node is set. */
  readonly search: Pick<SearchSink, 'status'> | null
  readonly passes: Pick<Passes, 'sinceCollectMs'>
}

/** Serves the bot's health and metrics if a port is set. */
export const openMonitoring = async ({ port, ...parts }: Parts): Promise<HealthServer | null> =>
  port === undefined ? null : openHealth({ port, health: async () => healthOf(parts), metrics: () => metricsOf(parts) })

const healthOf = ({ source, pipeline, search, discord, passes }: Omit<Parts, 'port'>): Health => {
  const overdue = passes.sinceCollectMs() > LONGEST_PASS_MS ? 'no pass has ended for ten minutes' : null
  const problem = discord.problem() ?? overdue ?? pipeline.trouble()
  return { ok: problem === null, problem, note: liveNote(source) ?? search?.status().problem ?? null }
}

const metricsOf = async ({
  source,
  store,
  search,
  discord,
  shards,
  passes,
}: Omit<Parts, 'port'>): Promise<Metric[]> => [
  {
    name: 'minutewatch_watched_symbols',
    help: 'Symbols watched',
    value: (await store.watches.symbols(source.series)).length,
  },
  { name: 'minutewatch_source_capacity', help: 'Symbols the source can keep up to date', value: source.capacity },
  ...liveMetric(source),
  { name: 'minutewatch_posts_due', help: 'Posts and edits owed', value: await store.outbox.countDue(shards) },
  {
    name: 'minutewatch_last_pass_age_seconds',
    help: 'Since the last collect pass ended',
    value: passes.sinceCollectMs() / 1_000,
  },
  {
    name: 'minutewatch_discord_ok',
    help: '1 while the connection is healthy',
    value: discord.problem() === null ? 1 : 0,
  },
  ...(search ? await searchMetrics(search, store) : []),
  memory(),
]

const searchMetrics = async (search: Pick<SearchSink, 'status'>, store: Pick<Store, 'unsent'>): Promise<Metric[]> => {
  const { sent, deadLetters, behindMs } = search.status()
  return [
    { name: 'minutewatch_search_sent', help: 'Documents the search node took since the start', value: sent },
    { name: 'minutewatch_search_refused', help: 'Documents it refused for good since the start', value: deadLetters },
    { name: 'minutewatch_search_behind_seconds', help: 'Since all that is kept was sent', value: behindMs / 1_000 },
    { name: 'minutewatch_search_unsent', help: 'Stock-days with unsent documents', value: await store.unsent.count() },
  ]
}

const liveMetric = ({ live }: AnySource): Metric[] =>
  live
    ? [
        {
          name: 'minutewatch_live_symbols',
          help: 'Symbols whose minutes come over the live feed now',
          value: live().registered,
        },
      ]
    : []

interface RoleParts {
  /** Nothing is served if absent. */
  readonly port: number | undefined
  /** One sentence about why the process does not do its work, or null. */
  readonly problem: () => string | null
  readonly metrics: () => Promise<Metric[]>
  /** Null if no search node is set. */
  readonly search?: Pick<SearchSink, 'status'> | null
  readonly store: Pick<Store, 'unsent'>
}

/** Serves the health and metrics of one role of several. */
export const openRoleMonitoring = async ({
  port,
  problem,
  metrics,
  search = null,
  store,
}: RoleParts): Promise<HealthServer | null> => {
  if (port === undefined) return null
  const health = async (): Promise<Health> => {
    const found = problem()
    return { ok: found === null, problem: found, note: search?.status().problem ?? null }
  }
  const all = async () => [...(await metrics()), ...(search ? await searchMetrics(search, store) : []), memory()]
  return openHealth({ port, health, metrics: all })
}

interface CollectorState {
  readonly symbols: number
  /** Monotonic time of the end of the last collect pass, ms. */
  readonly collectedAt: number
  readonly waiting: number
  readonly published: number
  readonly problem: string | null
}

export const collectorMetrics = ({ symbols, collectedAt, waiting, published, problem }: CollectorState): Metric[] => [
  { name: 'minutewatch_collected_symbols', help: 'Symbols that this collector collects', value: symbols },
  {
    name: 'minutewatch_last_pass_age_seconds',
    help: 'Since the last collect pass ended',
    value: (performance.now() - collectedAt) / 1_000,
  },
  { name: 'minutewatch_kafka_published', help: 'Messages that the brokers took since the start', value: published },
  { name: 'minutewatch_kafka_waiting', help: 'Stretches that are stored and not published yet', value: waiting },
  { name: 'minutewatch_kafka_ok', help: '1 while minutes can be published', value: problem === null ? 1 : 0 },
]

interface DetectorState extends SubscriptionStatus {
  readonly passedOver: number
  /** Market time, or null. */
  readonly oldestUnjudged: number | null
  readonly marketNow: number
}

export const detectorMetrics = (state: DetectorState): Metric[] => [
  { name: 'minutewatch_kafka_partitions', help: 'Partitions of this detector', value: state.partitions.length },
  ...[...state.lag].map(([partition, value]) => ({
    name: 'minutewatch_kafka_lag',
    help: 'Messages behind',
    labels: { partition: String(partition) },
    value,
  })),
  { name: 'minutewatch_kafka_rebalances', help: 'Assignments since the start', value: state.rebalances },
  { name: 'minutewatch_kafka_handled', help: 'Messages handled since the start', value: state.handled },
  { name: 'minutewatch_kafka_passed_over', help: 'Messages that could not be read', value: state.passedOver },
  {
    name: 'minutewatch_kafka_behind_seconds',
    help: 'Since the oldest message in hand was published',
    value: state.behindMs / 1_000,
  },
  {
    name: 'minutewatch_oldest_unjudged_seconds',
    help: 'Age of the oldest stored minute that no detector has judged, by the market clock',
    value: state.oldestUnjudged === null ? 0 : Math.max(0, state.marketNow - state.oldestUnjudged) / 1_000,
  },
  { name: 'minutewatch_kafka_ok', help: '1 while messages can be read', value: state.problem === null ? 1 : 0 },
]

export const botMetrics = ({ due, discordOk }: { readonly due: number; readonly discordOk: boolean }): Metric[] => [
  { name: 'minutewatch_posts_due', help: 'Posts and edits owed', value: due },
  { name: 'minutewatch_discord_ok', help: '1 while the connection is healthy', value: discordOk ? 1 : 0 },
]

const memory = (): Metric => ({
  name: 'process_resident_memory_bytes',
  help: 'Resident memory',
  value: process.memoryUsage().rss,
})

/** A source without its live feed still works: it is asked for every minute. */
const liveNote = ({ live }: AnySource): string | null => {
  const reason = live?.().reason ?? null
  return reason && `no live feed, minutes are asked for one by one: ${reason}`
}
