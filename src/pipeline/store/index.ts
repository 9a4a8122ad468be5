import type { Log } from '../../log.ts'
import { createBarStore } from './bars.ts'
import { createChangeStore } from './changes.ts'
import type { Store } from './contract.ts'
import { createDecisionStore } from './decisions.ts'
import { createKeyValueStore } from './key-values.ts'
import { createLeaseStore } from './leases.ts'
import { createListingStore } from './listings.ts'
import { createMarketEventStore } from './market-events.ts'
import { migrate } from './migrate.ts'
import { createModelStore } from './models.ts'
import { createOutboxStore } from './outbox.ts'
import { createQueries } from './queries.ts'
import { createSignalStore } from './signals.ts'
import { openSqlite } from './sqlite/sqlite.ts'
import { createStateStore } from './states.ts'
import { createUnsentStore } from './unsent.ts'
import { describePlace, parsePlace } from './url.ts'
import { createWatchStore } from './watches.ts'

/** Loads MariaDB's client, which takes megabytes, where a database of it is opened. */
const mariadb = () => import('./mariadb/mariadb.ts')

/**
 * Opens what DATABASE_URL names, `sqlite:FILE` or `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, creates what is missing
 * and brings its schema up to date.
 *
 * @throws {SetupError} when the operator must act: the message names the setting and says what to do, and never holds
 * the password
 */
export const openStore = async (url: string, { log }: { log: Log }): Promise<Store> => {
  const place = parsePlace(url)
  const description = describePlace(place)
  const engine = place.engine === 'sqlite' ? await openSqlite(place) : await (await mariadb()).openMariadb(place, log)
  const queries = createQueries(engine)
  try {
    await migrate(engine, queries.db, description, log)
  } catch (error) {
    await engine.close()
    throw error
  }
  return {
    bars: createBarStore(engine),
    changes: createChangeStore(queries),
    models: createModelStore(queries),
    states: createStateStore(engine),
    signals: createSignalStore(queries, engine.kind),
    watches: createWatchStore(queries),
    outbox: createOutboxStore(queries, engine.kind),
    decisions: createDecisionStore(queries),
    listings: createListingStore(queries),
    marketEvents: createMarketEventStore(queries),
    keyValues: createKeyValueStore(queries),
    leases: createLeaseStore(queries, engine.kind),
    unsent: createUnsentStore(engine),
    description,
    close: () => engine.close(),
  }
}
