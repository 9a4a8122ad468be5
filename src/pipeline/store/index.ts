import type { Log } from '../../log.ts'
import { barStore } from './bars.ts'
import type { Store } from './contract.ts'
import { keyValueStore } from './key-values.ts'
import { listingStore } from './listings.ts'
import { openMariadb } from './mariadb/mariadb.ts'
import { marketEventStore } from './market-events.ts'
import { migrate } from './migrate.ts'
import { modelStore } from './models.ts'
import { outboxStore } from './outbox.ts'
import { openQueries } from './queries.ts'
import { signalStore } from './signals.ts'
import { openSqlite } from './sqlite/sqlite.ts'
import { describePlace, parsePlace } from './url.ts'
import { watchStore } from './watches.ts'

/**
 * Opens what DATABASE_URL names, `sqlite:FILE` or `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, creates what is missing and brings its schema up to date.
 *
 * @throws {SetupError} when the operator must act: the message names the setting and says what to do, and never holds the password
 */
export const openStore = async (url: string, { log }: { log: Log }): Promise<Store> => {
  const place = parsePlace(url)
  const description = describePlace(place)
  const engine = place.engine === 'sqlite' ? await openSqlite(place) : await openMariadb(place, log)
  const queries = openQueries(engine)
  try {
    await migrate(engine, queries.db, description, log)
  } catch (error) {
    await engine.close()
    throw error
  }
  return {
    bars: barStore(engine),
    models: modelStore(queries),
    signals: signalStore(queries),
    watches: watchStore(queries),
    outbox: outboxStore(queries),
    listings: listingStore(queries),
    marketEvents: marketEventStore(queries),
    keyValues: keyValueStore(queries),
    description,
    close: () => engine.close(),
  }
}
