import type { MarketFact, MarketFactStore } from '../ports.ts'
import type { Queries } from './queries.ts'
import { COLUMNS, type MarketFactRow } from './tables.ts'

export const marketFactStore = ({ db, insertNew }: Queries): MarketFactStore => ({
  async save(venue, fact) {
    const row = rowOfFact(venue, fact)
    const { symbol, time, kind, code, releasedAt } = row
    if ((await insertNew(db, 'mwMarketFacts', [row])) === 1 || releasedAt === null) return
    await db
      .updateTable('mwMarketFacts')
      .set(row)
      .where('venue', '=', venue)
      .where('symbol', '=', symbol)
      .where('time', '=', time)
      .where('kind', '=', kind)
      .where('code', '=', code)
      .where((is) => is.or([is('releasedAt', 'is', null), is('releasedAt', '!=', releasedAt)]))
      .execute()
  },
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
})

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

const factOfRow = ({ symbol, time, kind, code, type, triggerPrice, releasedAt, count, receivedAt }: MarketFactRow): MarketFact =>
  kind === 'market'
    ? { kind, code, at: time, receivedAt }
    : { kind, symbol, type, triggerPrice, triggeredAt: time, releasedAt, count, receivedAt }
