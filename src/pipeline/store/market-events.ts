import type { Kysely } from 'kysely'
import type { MarketFactStore } from './contract.ts'
import { wantOneMoreRevision } from './one-more-revision.ts'
import type { Queries } from './queries.ts'
import type { MarketFact } from './records.ts'
import { COLUMNS, type MarketFactRow, type Tables } from './tables.ts'

export const marketFactStore = ({ db, transaction, insertNew }: Queries): MarketFactStore => {
  /** Whether anything is kept that was not before. */
  const put = async (on: Kysely<Tables>, row: MarketFactRow): Promise<boolean> => {
    if ((await insertNew(on, 'mwMarketFacts', [row])) === 1) return true
    const { venue, symbol, time, kind, code, releasedAt } = row
    if (releasedAt === null) return false
    const { numUpdatedRows } = await on
      .updateTable('mwMarketFacts')
      .set(row)
      .where('venue', '=', venue)
      .where('symbol', '=', symbol)
      .where('time', '=', time)
      .where('kind', '=', kind)
      .where('code', '=', code)
      .where((is) => is.or([is('releasedAt', 'is', null), is('releasedAt', '!=', releasedAt)]))
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  const openEpisodes = async (on: Kysely<Tables>, venue: string, symbol: string): Promise<string[]> => {
    const open = on.selectFrom('mwEpisodes').select('id').where('venue', '=', venue).where('symbol', '=', symbol)
    return (await open.where('endedAt', 'is', null).execute()).map(({ id }) => id)
  }

  return {
    save: (venue, fact) =>
      transaction(async (on) => {
        const changed = await put(on, rowOfFact(venue, fact))
        if (changed && fact.kind === 'vi') await wantOneMoreRevision(on, await openEpisodes(on, venue, fact.symbol))
      }),
    async between(venue, { from, to }, symbol) {
      const facts = db
        .selectFrom('mwMarketFacts')
        .select(COLUMNS.mwMarketFacts)
        .where('venue', '=', venue)
        .where('time', '>=', from)
        .where('time', '<', to)
      const asked = symbol === undefined ? facts : facts.where('symbol', '=', symbol)
      const rows = await asked.orderBy('time').orderBy('symbol').orderBy('kind').orderBy('code').execute()
      return rows.map(factOfRow)
    },
  }
}

const rowOfFact = (venue: string, fact: MarketFact): MarketFactRow => {
  const { kind, receivedAt } = fact
  if (kind === 'market')
    return {
      venue,
      symbol: '',
      time: fact.at,
      kind,
      code: fact.code,
      type: null,
      triggerPrice: null,
      releasedAt: null,
      count: null,
      receivedAt,
    }
  const { symbol, type, triggerPrice, triggeredAt, releasedAt, count } = fact
  return { venue, symbol, time: triggeredAt, kind, code: '', type, triggerPrice, releasedAt, count, receivedAt }
}

const factOfRow = ({
  symbol,
  time,
  kind,
  code,
  type,
  triggerPrice,
  releasedAt,
  count,
  receivedAt,
}: MarketFactRow): MarketFact =>
  kind === 'market'
    ? { kind, code, at: time, receivedAt }
    : { kind, symbol, type, triggerPrice, triggeredAt: time, releasedAt, count, receivedAt }
