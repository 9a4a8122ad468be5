/** The first second of 2015 in Unix milliseconds; Discord counts from there. */
const DISCORD_EPOCH = 1_420_070_400_000n

export interface Snowflakes {
  next(): string
  /** Makes all later ids larger than this one, which an earlier run issued; the clock may have gone back since. */
  reserve(id: string): void
}

export const snowflakeAt = (time: number, low = 0): string =>
  (((BigInt(time) - DISCORD_EPOCH) << 22n) | BigInt(low)).toString()

export const createSnowflakes = (now: () => number): Snowflakes => {
  let last = 0n
  return {
    next() {
      const earliest = BigInt(snowflakeAt(now()))
      last = earliest > last ? earliest : last + 1n
      return last.toString()
    },
    reserve(id) {
      const value = BigInt(id)
      if (value > last) last = value
    },
  }
}

export const isSnowflake = (text: unknown): text is string => typeof text === 'string' && /^\d{15,21}$/.test(text)

/** Orders snowflakes from old to new: newer ones are larger numbers, so as text they compare by length first. */
export const compareSnowflakes = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
