import * as gazette from '@hyunbinseo/holidays-kr/all'

/** Public holidays by year (`2026` → dates), substitutes, elections and temporary ones included. */
export const HOLIDAYS: ReadonlyMap<number, ReadonlySet<string>> = new Map(
  Object.entries(gazette).map(([name, dates]) => [Number(name.slice(1)), new Set(Object.keys(dates))]),
)
