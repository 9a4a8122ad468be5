/** Discord counts milliseconds from the first second of 2015. */
const DISCORD_EPOCH = 1_420_070_400_000n

export interface Snowflakes {
  next(): string
  /** Keeps later ids above one that was handed out by an earlier run, even when the clock went back. */
  seen(id: string): void
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
    seen(id) {
      const value = BigInt(id)
      if (value > last) last = value
    },
  }
}

export const isSnowflake = (text: unknown): text is string => typeof text === 'string' && /^\d{15,21}$/.test(text)

/** Newer snowflakes are larger numbers; as text they compare by length first. */
export const compareSnowflakes = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
