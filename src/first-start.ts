import type { Log } from './log.ts'
import { SIMULATED_FIRST_WATCHED } from './pipeline/sources/simulated/stocks.ts'
import type { Source } from './pipeline/sources/source.ts'
import type { Directory } from './pipeline/stocks/directory.ts'
import type { Store } from './pipeline/store/contract.ts'
import type { Watching } from './pipeline/views/views.ts'
import type { Sandbox } from './sandbox/index.ts'

/**
 * On the first start of a simulated or replayed market with the local Discord, nobody has typed `/watch` yet: watches
 * some stocks in `#alerts`, once. The passes fetch their history.
 */
export const firstWatches = async ({
  source,
  store,
  directory,
  watching,
  sandbox,
  log,
  ending,
}: {
  source: Source
  store: Store
  directory: Directory
  watching: Watching
  sandbox: Pick<Sandbox, 'guildId' | 'alertsChannelId'>
  log: Log
  /** Aborted when the bot ends; its next start goes on with the histories. */
  ending: AbortSignal
}): Promise<readonly string[]> => {
  const key = `first-start:${source.series}`
  const { kind } = source.provenance
  if ((kind !== 'simulated' && kind !== 'replay') || (await store.keyValues.get(key)) !== null) return []
  const most = kind === 'simulated' ? SIMULATED_FIRST_WATCHED : source.capacity
  const chosen = directory.suggest('', most).map((listing) => listing.symbol)
  // The watch is stored as soon as its history begins; the passes go on with the history after a restart.
  const begun = chosen.map(
    (symbol) =>
      new Promise<void>((resolve) => {
        const request = {
          symbol,
          guildId: sandbox.guildId,
          channelId: sandbox.alertsChannelId,
          userId: null,
          locale: 'ko',
          ...(kind === 'replay' ? { since: 0 } : {}),
        } as const
        watching
          .watch(request, () => resolve())
          .catch((error: unknown) => {
            if (!ending.aborted) log.warn({ err: error }, 'history of a first watch was not fetched; it is tried again')
          })
          .finally(resolve)
      }),
  )
  await Promise.all(begun)
  await store.keyValues.set(key, new Date().toISOString())
  return chosen
}
