import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KST_OFFSET } from '../../src/model/time/session.ts'
import type { CalendarOverrides } from '../../src/pipeline/calendar/overrides.ts'

/**
 * Writes a CALENDAR_FILE by which the exchange's days are known in whatever year the tests run: this one, and those
 * that a walk from today may reach.
 */
export const calendarFile = (folder: string, special: CalendarOverrides['special'] = []): string => {
  const path = join(folder, 'calendar.json')
  const year = new Date(Date.now() + KST_OFFSET).getUTCFullYear()
  writeFileSync(path, JSON.stringify({ special, years: [year - 1, year, year + 1] }))
  return path
}
