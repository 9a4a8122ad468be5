import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { SetupError } from '../../../src/errors.ts'
import type { Engine } from '../../../src/pipeline/store/engine.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { openMariadb } from '../../../src/pipeline/store/mariadb/mariadb.ts'
import { migrations } from '../../../src/pipeline/store/migrations/index.ts'
import { createQueries } from '../../../src/pipeline/store/queries.ts'
import type { Listing } from '../../../src/pipeline/store/records.ts'
import { openSqlite } from '../../../src/pipeline/store/sqlite/sqlite.ts'
import { type MariadbPlace, parsePlace, type SqlitePlace } from '../../../src/pipeline/store/url.ts'
import { needs } from '../../support/needs.ts'
import { mariadbServer, silent, temporaryFolder } from './engines.ts'
import { migrateFirst } from './last-release.ts'
import { interruption } from './records.ts'

const FUTURE = "insert into mw_migrations (name, timestamp) values ('9999-from-the-future', '2099-01-01T00:00:00.000Z')"

const logging = () => {
  const ran: unknown[] = []
  const log = { ...silent, info: (fields: object) => 'migration' in fields && ran.push(fields.migration) } as never
  return { ran, log }
}

const opensOnce = async (url: string) => {
  const { ran, log } = logging()
  for (let time = 0; time < 2; time++) await (await openStore(url, { log })).close()
  expect(ran).toEqual(Object.keys(migrations))
}

const refusesNewer = async (url: string) => {
  const opened = openStore(url, { log: silent })
  await expect(opened).rejects.toThrow(SetupError)
  await expect(opened).rejects.toThrow(
    /^DATABASE_URL names \S+ \S+, which a newer version has changed \(9999-from-the-future\): start that version, or name another database\.$/,
  )
}

const LISTED: Listing = {
  symbol: '038530',
  name: '케이바이오',
  nameEn: null,
  market: 'KOSDAQ',
  warnings: ['거래정지'],
  nxtTradable: null,
}

/** A database as the first version alone made it, with something in it. */
const firstVersion = async (engine: Engine) => {
  const { db } = createQueries(engine)
  await migrateFirst(engine, 1)
  await db.insertInto('mwKeyValues').values({ name: 'first', value: 'version' }).execute()
  const { nxtTradable: _, warnings, ...columns } = LISTED
  await db
    .insertInto('mwListings')
    .values({ ...columns, series: 'venue', position: 0, warnings: JSON.stringify(warnings) } as never)
    .execute()
  await engine.close()
}

const bringsUp = async (url: string) => {
  const { ran, log } = logging()
  const store = await openStore(url, { log })
  expect(ran).toEqual(Object.keys(migrations).slice(1))
  expect(await store.keyValues.get('first')).toBe('version')
  expect((await store.listings.all('venue')).listings).toEqual([LISTED])
  await store.marketEvents.save('venue', interruption('038530', 1))
  expect(await store.marketEvents.between('venue', { from: 0, to: Number.MAX_SAFE_INTEGER })).toEqual([
    interruption('038530', 1),
  ])
  await store.close()
}

needs().describe('SQLite', () => {
  const folder = temporaryFolder()

  test('a migration runs once', () => opensOnce(`sqlite:${folder.path}/once.db`))

  test('a database of the first version is brought up, and keeps what it had', async () => {
    const url = `sqlite:${folder.path}/first.db`
    await firstVersion(await openSqlite(parsePlace(url) as SqlitePlace))
    await bringsUp(url)
  })

  test('a database of a newer version is refused', async () => {
    const file = `${folder.path}/newer.db`
    await (await openStore(`sqlite:${file}`, { log: silent })).close()
    const database = new DatabaseSync(file)
    database.exec(FUTURE)
    database.close()
    await refusesNewer(`sqlite:${file}`)
  })

  test('a migration that fails leaves nothing behind', async () => {
    const file = `${folder.path}/failing.db`
    const database = new DatabaseSync(file)
    database.exec('create view mw_posts as select 1') // in the way of a table, late in the first migration
    await expect(openStore(`sqlite:${file}`, { log: silent })).rejects.toThrow('views may not be indexed')
    expect(
      database
        .prepare('select name from sqlite_master')
        .all()
        .map(({ name }) => name),
    ).toEqual(['mw_posts'])
    database.exec('drop view mw_posts')
    database.close()
    await opensOnce(`sqlite:${file}`)
  })
})

needs('mariadb').describe('MariaDB', () => {
  const holder = mariadbServer()

  test('a migration runs once', () => opensOnce(holder.server.url('once')))

  test('a database of the first version is brought up, and keeps what it had', async () => {
    const url = holder.server.url('first')
    await firstVersion(await openMariadb(parsePlace(url) as MariadbPlace, silent))
    await bringsUp(url)
  })

  test('a database of a newer version is refused', async () => {
    await (await openStore(holder.server.url('newer'), { log: silent })).close()
    await holder.server.run('use newer', FUTURE)
    await refusesNewer(holder.server.url('newer'))
  })

  test('a migration that was cut off half-way is run again', async () => {
    await (await openStore(holder.server.url('cut'), { log: silent })).close()
    await holder.server.run(
      'use cut',
      'delete from mw_migrations',
      'drop table mw_posts',
      'drop table mw_facts',
      'drop index mw_models_cutoff on mw_models',
      'drop index mw_market_facts_time on mw_market_facts',
    )
    await opensOnce(holder.server.url('cut'))
    await holder.server.run(
      'use cut',
      'select * from mw_posts',
      'select * from mw_facts',
      'drop index mw_models_cutoff on mw_models',
    )
    await holder.server.run('use cut', 'drop index mw_market_facts_time on mw_market_facts')
  })

  test('beside tables of other programs, which stay as they are', async () => {
    await holder.server.run(
      'create database shared',
      'use shared',
      'create table bars (x int)',
      'insert into bars values (7)',
    )
    await opensOnce(holder.server.url('shared'))
    await holder.server.run('use shared', 'alter table bars add constraint check (x = 7)')
  })
})
