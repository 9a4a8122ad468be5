import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { BAR_COLUMNS } from '../../../src/pipeline/store/bars.ts'
import { type Engine, inTransaction } from '../../../src/pipeline/store/engine.ts'
import { openMariadb } from '../../../src/pipeline/store/mariadb/mariadb.ts'
import { migrations } from '../../../src/pipeline/store/migrations/index.ts'
import { createQueries } from '../../../src/pipeline/store/queries.ts'
import { openSqlite } from '../../../src/pipeline/store/sqlite/sqlite.ts'
import { parsePlace } from '../../../src/pipeline/store/url.ts'
import { at, testSource } from '../../support/market.ts'
import { silent } from './engines.ts'
import recorded from './last-release.json' with { type: 'json' }

/**
 * The database of the release before alerts a day (commit 2139561, run minute by minute over the market of `testSource`
 * with these surges): of one stock its newest two models and the market's pool, an episode of Friday, and one of Monday
 * that goes on at 10:54.
 */
export { recorded }
export const SYMBOL = '990350'
export const SURGES = [at('10:10', -4), at('13:20', -3), at('10:45'), at('10:50'), at('11:40')]
/** Until here it had judged. */
export const JUDGED_UNTIL = at('10:54')

export const [OPEN, CALM] = recorded.episodes as [(typeof recorded.episodes)[0], (typeof recorded.episodes)[0]]

/** By channel: its number, alerts a stock and week, and how many stocks it watched. */
export const CHANNELS = {
  quiet: { perWeek: 1, stocks: 1 },
  normal: { perWeek: 3, stocks: 12 },
  lively: { perWeek: 10, stocks: 1 },
  own: { perWeek: 4.5, stocks: 5 },
  most: { perWeek: 150, stocks: 12 },
  few: { perWeek: 0.1, stocks: 1 },
  empty: { perWeek: 5, stocks: 0 },
} as const

export const engineAt = async (url: string): Promise<Engine> => {
  const place = parsePlace(url)
  return place.engine === 'sqlite' ? openSqlite(place) : openMariadb(place, silent)
}

/** Runs the first migrations, as the version that had no others did. */
export const migrateFirst = async (engine: Engine, count: number): Promise<void> => {
  const first = Object.entries(migrations).slice(0, count)
  const getMigrations = async () =>
    Object.fromEntries(first.map(([name, up]) => [name, { up: (on: Kysely<unknown>) => up(on, engine.kind) }]))
  const names = { migrationTableName: 'mw_migrations', migrationLockTableName: 'mw_migrations_lock' }
  const db = createQueries(engine).db.withoutPlugins()
  await engine.alone(async () => {
    const { error } = await new Migrator({ db, ...names, provider: { getMigrations } }).migrateToLatest()
    if (error) throw error
  })
}

/**
 * A database as the last release left it: channels with numbers of every kind, and in `quiet` an alert that is owed, in
 * `normal` the same one posted.
 */
export const leaveAsLastRelease = async (url: string): Promise<void> => {
  const engine = await engineAt(url)
  await migrateFirst(engine, 3)
  const { db } = createQueries(engine)
  const insert = (table: Parameters<typeof db.insertInto>[0], rows: readonly object[]) =>
    db
      .insertInto(table)
      .values(rows as never)
      .execute()
  const since = at('09:00', -10)
  for (const [channelId, { perWeek, stocks }] of Object.entries(CHANNELS)) {
    await insert('mwChannels', [{ channelId, guildId: 'g', locale: 'ko', alertsPerWeek: perWeek, pausedReason: null }])
    for (let i = 0; i < stocks; i++)
      await insert('mwWatches', [
        {
          series: 'test',
          symbol: i === 0 ? SYMBOL : `00000${i}`.slice(-6),
          guildId: 'g',
          channelId,
          addedBy: null,
          addedAt: since,
          since,
        },
      ])
  }
  await insert('mwModels', recorded.models)
  await insert(
    'mwSignals',
    recorded.signals.map((signal) => ({ ...signal, late: signal.late ? 1 : 0 })),
  )
  await insert('mwEpisodes', recorded.episodes)
  await insert('mwJudged', [{ series: 'test', symbol: SYMBOL, judgedUntil: recorded.judgedUntil }])
  const [owed] = recorded.posts
  await insert('mwPosts', [
    { ...owed!, channelId: 'quiet' },
    {
      ...{ ...owed!, id: 'posted', channelId: 'normal', nonce: 'posted', state: 'sent', messageId: '1' },
      ...{ shownRevision: owed!.wantedRevision, sentAt: owed!.createdAt },
    },
  ])
  const { source } = testSource({ now: JUDGED_UNTIL, surges: SURGES })
  const covered = { from: at('09:00', -10), to: JUDGED_UNTIL }
  const bars = await source.fetchBars(SYMBOL, covered, new AbortController().signal)
  // Without what later versions note beside the bars.
  await inTransaction(engine, async ({ execute }) => {
    const coverage = 'insert into mw_coverage (venue, symbol, covered_from, covered_to) values (?, ?, ?, ?)'
    await execute(coverage, ['test', SYMBOL, covered.from, covered.to])
    const insertBar = `insert into mw_bars (venue, symbol, ${BAR_COLUMNS.join(', ')}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`
    for (const { openTime, open, high, low, close, volume, receivedAt } of bars)
      await execute(insertBar, ['test', SYMBOL, openTime, open, high, low, close, volume, receivedAt])
  })
  await engine.close()
}
