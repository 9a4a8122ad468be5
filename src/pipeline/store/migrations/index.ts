import type { Kysely } from 'kysely'
import type { Engine } from '../engine.ts'
import * as tables from './0001-tables.ts'
import * as marketEvents from './0002-market-facts.ts'
import * as nxtTradable from './0003-nxt-tradable.ts'
import * as alertsPerDay from './0004-alerts-per-day.ts'
import * as unsent from './0005-unsent.ts'
import * as leases from './0006-leases.ts'
import * as marketWatches from './0007-market-watches.ts'
import * as roles from './0008-roles.ts'
import * as states from './0009-states.ts'
import * as changes from './0010-changes.ts'

/** Every change of the schema, in order. One that has been released is never edited: add the next. */
export const migrations: Readonly<Record<string, (db: Kysely<unknown>, kind: Engine['kind']) => Promise<void>>> = {
  '0001-tables': tables.up,
  '0002-market-facts': marketEvents.up,
  '0003-nxt-tradable': nxtTradable.up,
  '0004-alerts-per-day': alertsPerDay.up,
  '0005-unsent': unsent.up,
  '0006-leases': leases.up,
  '0007-market-watches': marketWatches.up,
  '0008-roles': roles.up,
  '0009-states': states.up,
  '0010-changes': changes.up,
}
