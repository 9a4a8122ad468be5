import { sql } from 'kysely'
import type { DecisionStore } from './contract.ts'
import type { Queries } from './queries.ts'
import type { EpisodeRecord, SignalRecord, Undecided } from './records.ts'
import { COLUMNS, type Tables } from './tables.ts'

/** Rows in one statement. */
const ROWS = 500

export const createDecisionStore = ({ db, transaction, insertNew, put }: Queries): DecisionStore => {
  const symbolsBehind = (series: string, owner: string) =>
    db
      .selectFrom('mwJudged as judged')
      .leftJoin('mwDecided as decided', (join) =>
        join
          .on('decided.owner', '=', owner)
          .onRef('decided.series', '=', 'judged.series')
          .onRef('decided.symbol', '=', 'judged.symbol'),
      )
      .select([
        'judged.symbol',
        sql<number>`judged.revision`.as('revision'),
        sql<number>`coalesce(decided.revision, 0)`.as('decided'),
      ])
      .where('judged.series', '=', series)
      .where('judged.revision', '>', sql<number>`coalesce(decided.revision, 0)`)
      .orderBy('judged.symbol')
      .execute()

  const changedEpisodes = (series: string, symbol: string, decided: number, since: number): Promise<EpisodeRecord[]> =>
    db
      .selectFrom('mwEpisodes')
      .select(COLUMNS.mwEpisodes)
      .where('series', '=', series)
      .where('symbol', '=', symbol)
      .where('revision', '>', decided)
      .where('last', '>=', since)
      .orderBy('start')
      .orderBy('id')
      .execute()

  const signalsOf = async (episodeId: string) =>
    db
      .selectFrom('mwSignals')
      .select([...COLUMNS.mwSignals, 'revision'])
      .where('episodeId', '=', episodeId)
      .orderBy('openTime')
      .orderBy('modelId')
      .execute()

  return {
    async undecided(series, owner, since) {
      const found: Undecided[] = []
      for (const { symbol, revision, decided } of await symbolsBehind(series, owner)) {
        const episodes = []
        for (const record of await changedEpisodes(series, symbol, decided, since)) {
          const rows = await signalsOf(record.id)
          const fresh = new Set(
            rows.flatMap((row) => (isBetween(row.revision, decided, revision) ? [row.openTime] : [])),
          )
          episodes.push({ record, signals: rows.map(signalOf), fresh })
        }
        found.push({ symbol, revision, decided, episodes })
      }
      return found
    },
    decide: ({ series, owner, decided, posts, touched }) =>
      transaction(async (on) => {
        await insertNew(on, 'mwPosts', posts)
        for (let start = 0; start < touched.length; start += ROWS)
          await on
            .updateTable('mwPosts')
            .set((is) => ({ wantedRevision: is('wantedRevision', '+', 1) }))
            .where('id', 'in', touched.slice(start, start + ROWS))
            .execute()
        for (const [symbol, revision] of decided)
          await put(on, 'mwDecided', { owner, series, symbol, revision }, ['owner', 'series', 'symbol'])
      }),
  }
}

const isBetween = (revision: number | null | undefined, after: number, until: number): boolean =>
  (revision ?? 0) > after && (revision ?? 0) <= until

const signalOf = ({ revision: _, ...row }: Tables['mwSignals']): SignalRecord => ({ ...row, late: row.late === 1 })
