import type { Kysely } from 'kysely'
import type { SignalStore } from './contract.ts'
import { wantOneMoreRevision } from './one-more-revision.ts'
import type { Queries } from './queries.ts'
import type { DetectStep, EpisodeRecord, SignalRecord } from './records.ts'
import { COLUMNS, rowOf, type Tables } from './tables.ts'

export const createSignalStore = ({ db, transaction, insertNew }: Queries): SignalStore => {
  const signals = () => db.selectFrom('mwSignals').select(COLUMNS.mwSignals)
  const episodes = () => db.selectFrom('mwEpisodes').select(COLUMNS.mwEpisodes)

  const commit = (step: DetectStep) =>
    transaction(async (on) => {
      const advanced = await advance(on, step)
      const added = await insertNew(
        on,
        'mwSignals',
        step.signals.map((signal) => ({ ...signal, late: signal.late ? 1 : 0 })),
      )
      const changed = await putEpisodes(on, step.episodes)
      // A step that came before, whose answer was lost, must not ask for one more revision.
      if (advanced || added > 0 || changed > 0) await wantOneMoreRevision(on, step.touched)
      await insertNew(on, 'mwPosts', step.posts)
    })

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
    openEpisodes: (series, symbol) =>
      episodes()
        .where('series', '=', series)
        .where('symbol', '=', symbol)
        .where('endedAt', 'is', null)
        .orderBy('start')
        .orderBy('id')
        .execute(),
    async judgedUntil(series, symbol) {
      const found = await db
        .selectFrom('mwJudged')
        .select('judgedUntil')
        .where('series', '=', series)
        .where('symbol', '=', symbol)
        .executeTakeFirst()
      return found?.judgedUntil ?? null
    },
  }
}

const signalOf = (row: Tables['mwSignals']): SignalRecord => ({ ...row, late: row.late === 1 })
