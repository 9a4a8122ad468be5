import { CompiledQuery, type Kysely } from 'kysely'
import { createFreshBars } from './bars.ts'
import { checkFences } from './check-fences.ts'
import type { SignalStore } from './contract.ts'
import type { Connection, Engine, Value } from './engine.ts'
import { wantOneMoreRevision } from './one-more-revision.ts'
import type { Queries } from './queries.ts'
import type { DetectStep, EpisodeRecord, SignalRecord } from './records.ts'
import { COLUMNS, rowOf, type Tables } from './tables.ts'
import { countSinks, markUnsent } from './unsent-marks.ts'

export const createSignalStore = ({ db, transaction, insertNew }: Queries, kind: Engine['kind']): SignalStore => {
  const storeFresh = createFreshBars(kind)
  const signals = () => db.selectFrom('mwSignals').select(COLUMNS.mwSignals)
  const episodes = () => db.selectFrom('mwEpisodes').select(COLUMNS.mwEpisodes)

  const commit = (...steps: readonly DetectStep[]): Promise<void> =>
    transaction(async (on, connection) => {
      await checkFences(
        kind,
        connection.arrays,
        steps.map(({ fence }) => fence),
      )
      const fresh = steps.flatMap(({ series, symbol, fresh }) => (fresh ? [{ series, symbol, ...fresh }] : []))
      if (fresh.length > 0) await storeFresh(connection, fresh)
      const isEmpty = ({ signals, episodes, posts, touched }: DetectStep) =>
        signals.length + episodes.length + posts.length + touched.length === 0
      await markJudged(connection, steps.filter(isEmpty))
      for (const step of steps) if (!isEmpty(step)) await storeStep(on, connection, step)
      await markForSinks(connection, steps)
    })

  /** Numbers the step's changes, so that whoever decides about them finds those that are new. */
  const numberChanges = async (
    { execute }: Connection,
    { series, symbol, signals, episodes }: DetectStep,
  ): Promise<void> => {
    const ofSymbol: Value[] = [series, symbol]
    await execute('update mw_judged set revision = revision + 1 where venue = ? and symbol = ?', ofSymbol)
    const newest = '(select revision from mw_judged where venue = ? and symbol = ?)'
    const times = signals.map(({ openTime }) => openTime)
    if (times.length > 0)
      await execute(
        `update mw_signals set revision = ${newest}
         where venue = ? and symbol = ? and open_time between ? and ? and revision is null`,
        [...ofSymbol, ...ofSymbol, Math.min(...times), Math.max(...times)],
      )
    for (const { id } of episodes)
      await execute(`update mw_episodes set revision = ${newest} where id = ?`, [...ofSymbol, id])
  }

  const storeStep = async (on: Kysely<Tables>, connection: Connection, step: DetectStep): Promise<void> => {
    const advanced = await advance(on, step)
    const added = await insertNew(
      on,
      'mwSignals',
      step.signals.map((signal) => ({ ...signal, late: signal.late ? 1 : 0 })),
    )
    const changed = await putEpisodes(on, step.episodes)
    // A repeated step, whose first answer was lost, must not ask for one more revision.
    if (advanced || added > 0 || changed > 0) await wantOneMoreRevision(on, step.touched)
    if (added > 0 || changed > 0) await numberChanges(connection, step)
    await insertNew(on, 'mwPosts', step.posts)
  }

  const markForSinks = async (connection: Connection, steps: readonly DetectStep[]): Promise<void> => {
    const bars = steps.flatMap(({ series, symbol, fresh }) =>
      fresh ? [{ series, symbol, openTimes: fresh.bars.map(({ openTime }) => openTime) }] : [],
    )
    const signals = steps.flatMap(({ series, symbol, signals }) =>
      signals.length > 0 ? [{ series, symbol, openTimes: signals.map(({ openTime }) => openTime) }] : [],
    )
    if (bars.length + signals.length === 0) return
    const [row] = await connection.arrays(countSinks(kind), [])
    if (row?.[0] === 0) return
    await markUnsent(kind, connection, 'bars', bars)
    await markUnsent(kind, connection, 'signals', signals)
  }

  /** Moves the marks of steps without anything else forward, never back. */
  const markJudged = async ({ insert }: Connection, steps: readonly DetectStep[]): Promise<void> => {
    const sorted = steps.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
    const otherwise =
      kind === 'sqlite'
        ? 'on conflict do update set judged_until = max(judged_until, excluded.judged_until)'
        : 'on duplicate key update judged_until = greatest(judged_until, values(judged_until))'
    await insert(
      { into: 'mw_judged (venue, symbol, judged_until)', otherwise },
      sorted.map(({ series, symbol, judgedUntil }) => [series, symbol, judgedUntil]),
    )
  }

  /** Moves the mark forward, never back. Comes first: it makes two processes that judge one symbol take turns. */
  const advance = async (on: Kysely<Tables>, { series, symbol, judgedUntil }: DetectStep): Promise<boolean> => {
    if ((await insertNew(on, 'mwJudged', [{ series, symbol, judgedUntil }])) > 0) return true
    const { numUpdatedRows } = await on
      .updateTable('mwJudged')
      .set({ judgedUntil })
      .where('series', '=', series)
      .where('symbol', '=', symbol)
      .where('judgedUntil', '<', judgedUntil)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  const putEpisodes = async (on: Kysely<Tables>, wanted: readonly EpisodeRecord[]): Promise<number> => {
    let changed = 0
    for (const episode of wanted) {
      const found = await on
        .selectFrom('mwEpisodes')
        .select(COLUMNS.mwEpisodes)
        .where('id', '=', episode.id)
        .executeTakeFirst()
      if (!found) changed += await insertNew(on, 'mwEpisodes', [episode])
      else if (COLUMNS.mwEpisodes.some((column) => found[column] !== episode[column])) {
        await on.updateTable('mwEpisodes').set(rowOf('mwEpisodes', episode)).where('id', '=', episode.id).execute()
        changed++
      }
    }
    return changed
  }

  return {
    commit,
    async history(series, symbol, limit, before) {
      const all = signals().where('series', '=', series).where('symbol', '=', symbol)
      const asked = before === undefined ? all : all.where('openTime', '<', before)
      return (await asked.orderBy('openTime', 'desc').orderBy('modelId', 'desc').limit(limit).execute()).map(signalOf)
    },
    async ofEpisode(episodeId) {
      const found = await signals().where('episodeId', '=', episodeId).orderBy('openTime').orderBy('modelId').execute()
      return found.map(signalOf)
    },
    async episode(id) {
      return (await episodes().where('id', '=', id).executeTakeFirst()) ?? null
    },
    episodes: (series, symbol, limit) =>
      episodes()
        .where('series', '=', series)
        .where('symbol', '=', symbol)
        .orderBy('start', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    openEpisodes(series, symbol) {
      const open = episodes().where('series', '=', series).where('endedAt', 'is', null)
      const asked = symbol === undefined ? open : open.where('symbol', '=', symbol)
      return asked.orderBy('start').orderBy('id').execute()
    },
    async judgedUntil(series, symbol) {
      const found = await db
        .selectFrom('mwJudged')
        .select('judgedUntil')
        .where('series', '=', series)
        .where('symbol', '=', symbol)
        .executeTakeFirst()
      return found?.judgedUntil ?? null
    },
    async oldestUnjudged(series) {
      const { rows } = await db.executeQuery<{ oldest: number | null }>(
        CompiledQuery.raw(
          `select min(coalesce(j.judged_until, c.covered_from)) as oldest from mw_coverage as c
           left join mw_judged as j on j.venue = c.venue and j.symbol = c.symbol
           where c.venue = ? and c.covered_to > coalesce(j.judged_until, c.covered_from)
           and exists (select 1 from mw_watches as w where w.venue = c.venue and w.symbol = c.symbol)`,
          [series],
        ),
      )
      return rows[0]?.oldest ?? null
    },
  }
}

const signalOf = (row: Tables['mwSignals']): SignalRecord => ({ ...row, late: row.late === 1 })
