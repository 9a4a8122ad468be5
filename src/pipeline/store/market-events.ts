import type { Kysely } from 'kysely'
import type { MarketEventStore } from './contract.ts'
import { wantOneMoreRevision } from './one-more-revision.ts'
import type { Queries } from './queries.ts'
import type { MarketEvent } from './records.ts'
import { COLUMNS, type MarketEventRow, type Tables } from './tables.ts'

export const createMarketEventStore = ({ db, transaction, insertNew }: Queries): MarketEventStore => {
  /** Returns true if the event adds anything to what is stored. */
  const put = async (on: Kysely<Tables>, row: MarketEventRow): Promise<boolean> => {
    if ((await insertNew(on, 'mwMarketEvents', [row])) === 1) return true
    const { series, symbol, time, kind, code, releasedAt } = row
    if (releasedAt === null) return false
    const { numUpdatedRows } = await on
      .updateTable('mwMarketEvents')
      .set(row)
      .where('series', '=', series)
      .where('symbol', '=', symbol)
      .where('time', '=', time)
      .where('kind', '=', kind)
      .where('code', '=', code)
      .where((is) => is.or([is('releasedAt', 'is', null), is('releasedAt', '!=', releasedAt)]))
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  const openEpisodes = async (on: Kysely<Tables>, series: string, symbol: string): Promise<string[]> => {
    const open = on.selectFrom('mwEpisodes').select('id').where('series', '=', series).where('symbol', '=', symbol)
    return (await open.where('endedAt', 'is', null).execute()).map(({ id }) => id)
  }

  return {
    save: (series, event) =>
      transaction(async (on) => {
        const changed = await put(on, rowOfEvent(series, event))
        if (changed && event.kind === 'vi') await wantOneMoreRevision(on, await openEpisodes(on, series, event.symbol))
      }),
    async between(series, { from, to }, symbol) {
      const events = db
        .selectFrom('mwMarketEvents')
        .select(COLUMNS.mwMarketEvents)
        .where('series', '=', series)
        .where('time', '>=', from)
        .where('time', '<', to)
      const asked = symbol === undefined ? events : events.where('symbol', '=', symbol)
      const rows = await asked.orderBy('time').orderBy('symbol').orderBy('kind').orderBy('code').execute()
      return rows.map(eventOfRow)
    },
  }
}

const rowOfEvent = (series: string, event: MarketEvent): MarketEventRow => {
  const { kind, receivedAt } = event
  if (kind === 'market')
    return {
      series,
      symbol: '',
      time: event.at,
      kind,
      code: event.code,
      type: null,
      triggerPrice: null,
      releasedAt: null,
      count: null,
      receivedAt,
    }
  const { symbol, type, triggerPrice, triggeredAt, releasedAt, count } = event
  return { series, symbol, time: triggeredAt, kind, code: '', type, triggerPrice, releasedAt, count, receivedAt }
}

const eventOfRow = ({
  symbol,
  time,
  kind,
  code,
  type,
  triggerPrice,
  releasedAt,
  count,
  receivedAt,
}: MarketEventRow): MarketEvent =>
  kind === 'market'
    ? { kind, code, at: time, receivedAt }
    : { kind, symbol, type, triggerPrice, triggeredAt: time, releasedAt, count, receivedAt }
