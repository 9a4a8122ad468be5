import { dirname, join } from 'node:path'
import type { Config } from './config.ts'
import { homeFile } from './home.ts'
import { inOneProcess } from './lease.ts'
import type { Log } from './log.ts'
import type { Pass } from './pipeline/run/schedule.ts'
import type { SearchNode, SearchSettings } from './pipeline/search-sink/node.ts'
import type { SearchSink } from './pipeline/search-sink/sink.ts'
import type { LeaseStore, Store } from './pipeline/store/contract.ts'

/** The search node of the settings, or null. */
const settingsOf = (config: Config): SearchSettings | null =>
  config.ELASTICSEARCH_URL === undefined
    ? null
    : {
        url: config.ELASTICSEARCH_URL,
        username: config.ELASTICSEARCH_USERNAME,
        password: config.ELASTICSEARCH_PASSWORD,
        prefix: config.ELASTICSEARCH_PREFIX,
      }

/** Opens the sink that the settings ask for, or answers null and loads nothing of it. */
export const openSearch = async (config: Config, store: Store, log: Log): Promise<SearchSink | null> => {
  const settings = settingsOf(config)
  if (settings === null) return null
  const { openSearchSink } = await import('./pipeline/search-sink/sink.ts')
  const deadLetterFile = join(dirname(homeFile(config) ?? 'data/minutewatch.db'), 'search-refused.ndjson')
  return openSearchSink({ settings, store, deadLetterFile, log, now: Date.now })
}

/** Opens the search node of the settings for a check, or answers null and loads nothing of it. */
export const openCheckedNode = async (config: Config): Promise<SearchNode | null> => {
  const settings = settingsOf(config)
  if (settings === null) return null
  const { openSearchNode } = await import('./pipeline/search-sink/node.ts')
  return openSearchNode(settings)
}

/** The pass of the sink for one of several processes: the others send once that process has ended. */
export const searchPasses = (search: SearchSink | null, leases: LeaseStore): readonly Pass[] =>
  search === null ? [] : [{ name: 'search', at: '*/5 * * * * *', run: inOneProcess(leases, 'search', search.pass) }]
