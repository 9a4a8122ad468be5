/**
 * An estimate of Kiwoom's clock. Both kinds of evidence (a trade's time, an answer's `Date`) are cut to the second and
 * late by their way to us, so `received − stamped` is never less than our clock's lead; the least of the newest ones is
 * used.
 */
export interface ServerClock {
  /** Takes a time that Kiwoom stamped. A trade may be an old one sent again; an answer's date is of the moment. */
  sample(kind: 'trade' | 'answer', stampedAt: number, receivedAt: number): void
  /** Kiwoom's clock shows at least this. */
  earliest(at?: number): number
  /** Kiwoom's clock shows at most this. */
  latest(at?: number): number
  /** Our clock's lead over Kiwoom's, too large by up to a second and the way to us; null while unknown. */
  lead(): number | null
}

/** A bucket of samples lasts this long; the newest two count. */
const BUCKET_MS = 30_000
const STALE_MS = 30 * 60_000
/** Stamps are cut to the second, and come a little late. */
const BLUR_MS = 1_500
/** A trade that is this much later than expected is an old one; if several in a row are, our clock has been set. */
const OLD_TRADE_MS = 5_000
const IN_A_ROW = 5
/** If our clock moves this much against the machine's monotonic time, it has been set, and its known lead is void. */
const STEP_MS = 500

export const createServerClock = ({
  now,
  monotonic,
  unknownSkewMs,
  skewLimitMs,
}: {
  now: () => number
  /** Monotonic, milliseconds. */
  monotonic: () => number
  unknownSkewMs: number
  skewLimitMs: number
}): ServerClock => {
  let bucket = { start: -Infinity, least: Infinity }
  let previous = Infinity
  let lastSample = -Infinity
  let oldInARow = 0

  let drift = now() - monotonic()
  const noticeStep = (): void => {
    const step = now() - monotonic() - drift
    drift += step
    if (Math.abs(step) <= STEP_MS) return
    bucket = { start: -Infinity, least: Infinity }
    previous = Infinity
  }

  const lead = (): number | null => {
    noticeStep()
    const least = Math.min(bucket.least, previous)
    return least === Infinity || Math.abs(now() - lastSample) > STALE_MS ? null : least
  }

  const isOld = (value: number): boolean => {
    const known = lead()
    if (known === null) return value > skewLimitMs
    oldInARow = value > known + OLD_TRADE_MS ? oldInARow + 1 : 0
    return oldInARow > 0 && oldInARow < IN_A_ROW
  }

  return {
    sample(kind, stampedAt, receivedAt) {
      noticeStep()
      const value = receivedAt - stampedAt
      if (kind === 'trade' && isOld(value)) return
      if (Math.abs(receivedAt - bucket.start) > BUCKET_MS) {
        previous = receivedAt - bucket.start < 2 * BUCKET_MS ? bucket.least : Infinity
        bucket = { start: receivedAt, least: Infinity }
      }
      bucket.least = Math.min(bucket.least, value)
      lastSample = receivedAt
    },
    earliest: (at = now()) => at - (lead() ?? unknownSkewMs),
    latest: (at = now()) => {
      const known = lead()
      return known === null ? at + unknownSkewMs : at - known + BLUR_MS
    },
    lead,
  }
}
