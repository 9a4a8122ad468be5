/** Growing waits of channels and messages, by their ids. Each setback doubles the wait. */
export interface Waits {
  /** Starts a wait of `firstMs`, or of twice the last one if that is longer, but of at most `longestMs`. */
  setback(id: string, firstMs: number, longestMs: number): void
  waiting(id: string): boolean
  /** Ends the wait, after a success or news from Discord. */
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
