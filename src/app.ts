import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Store } from './pipeline/store/contract.ts'
import { openStore } from './pipeline/store/index.ts'
import type { Start, Started } from './roles/start.ts'

/** The running process. */
export interface App extends Started {
  readonly store: Store
  /**
   * Ends everything in reverse order, within about 4 s however slow Discord and the source are; unfinished work is
   * left.
   */
  stop(): Promise<void>
}

/** The roles by the name that `ROLE` chooses them with. Only the chosen one is loaded, with the engines it needs. */
const ROLES: Readonly<Record<Config['ROLE'], () => Promise<(start: Start) => Promise<Started>>>> = {
  all: async () => (await import('./roles/all.ts')).startAll,
  collector: async () => (await import('./roles/collector.ts')).startCollector,
  detector: async () => (await import('./roles/detector.ts')).startDetector,
  bot: async () => (await import('./roles/bot.ts')).startBot,
}

/**
 * Starts the parts of the process's role in order. If a later part fails, or `stop` is aborted before all of it runs,
 * the started parts are ended again.
 */
export const startApp = async (
  config: Config,
  log: Log,
  stop: AbortSignal = new AbortController().signal,
): Promise<App> => {
  const parts = new AsyncDisposableStack()
  try {
    const store = await openStore(config.DATABASE_URL, { log })
    parts.defer(() => store.close())
    stop.throwIfAborted()
    const start = await ROLES[config.ROLE]()
    const started = await start({ config, store, log, stop, parts })
    const all = parts.move()
    return { ...started, store, stop: () => all.disposeAsync() }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}
