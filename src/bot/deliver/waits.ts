/** What is left alone for now, a channel or a post by its id: doubled with every setback, ended by a success or by news from Discord. */
export interface Waits {
  setback(id: string, firstMs: number, longestMs: number): void
  waiting(id: string): boolean
  clear(id: string): void
}

export const createWaits = (now: () => number): Waits => {
  const waits = new Map<string, { until: number; ms: number }>()
  return {
    setback(id, firstMs, longestMs) {
      const before = waits.get(id)?.ms ?? 0
      const ms = Math.min(longestMs, Math.max(firstMs, before * 2))
      waits.set(id, { until: now() + ms, ms })
    },
    waiting: (id) => (waits.get(id)?.until ?? 0) > now(),
    clear: (id) => void waits.delete(id),
  }
}
