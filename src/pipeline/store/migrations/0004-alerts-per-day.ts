import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Converts a channel's number from alerts a stock and week to alerts a channel and market day: 1, 3 and 10 become the
 * levels of those names, any other number what it meant for the stocks that the channel watches. Scores are on another
 * scale from here on, so open episodes are closed; their owed posts still go out. The migration may run again over its
 * own parts, since MariaDB commits each statement at once.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const column = kind === 'mariadb' ? sql`column if not exists` : sql`column`
  await sql`alter table mw_channels add ${column} alerts_per_day double precision not null default 6`.execute(db)
  await sql`alter table mw_channels add ${column} number_since bigint`.execute(db)
  await sql`alter table mw_channels add ${column} was_per_week double precision`.execute(db)
  if (await hasColumn(db, 'mw_channels', 'alerts_per_week')) {
    const [least, most] = kind === 'mariadb' ? [sql`least`, sql`greatest`] : [sql`min`, sql`max`]
    const stocks = sql`(select count(*) from mw_watches where mw_watches.channel_id = mw_channels.channel_id)`
    await sql`update mw_channels set was_per_week = alerts_per_week, alerts_per_day = case alerts_per_week
      when 1 then 2 when 3 then 6 when 10 then 20
      else ${least}(200, ${most}(0.1, alerts_per_week * ${most}(1, ${stocks}) / 5)) end`.execute(db)
    // Alerts of the old number say nothing about the new one, which counts from the newest judged minute.
    await sql`update mw_channels set number_since = (select max(judged_until) from mw_judged)`.execute(db)
    await sql`alter table mw_channels drop column alerts_per_week`.execute(db)
  }
  // The eleventh minute after the last signal: ten without one have closed.
  await sql`update mw_posts set wanted_revision = wanted_revision + 1 where state = 'sent'
    and episode_id in (select id from mw_episodes where ended_at is null)`.execute(db)
  await sql`update mw_episodes set ended_at = last + 660000 where ended_at is null`.execute(db)
}

const hasColumn = async (db: Kysely<unknown>, table: string, column: string): Promise<boolean> => {
  const tables = await db.introspection.getTables()
  return tables.some(({ name, columns }) => name === table && columns.some((each) => each.name === column))
}
