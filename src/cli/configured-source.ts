import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { type AnySource, sources } from '../pipeline/sources/index.ts'
import type { Store } from '../pipeline/store/contract.ts'

/** Asks the source that is configured, without opening it; nothing is stored. */
export const withConfiguredSource = async <Answer>(
  { config, store, log }: { readonly config: Config; readonly store: Store; readonly log: Log },
  ask: (source: AnySource) => Promise<Answer> | Answer,
): Promise<Answer> => {
  const keyValues = { ...store.keyValues, set: async () => {} }
  const source = await sources[config.SOURCE](config, { store: { ...store, keyValues }, log, now: Date.now })
  try {
    return await ask(source)
  } finally {
    await source.close()
  }
}
