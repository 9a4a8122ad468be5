import { createHash } from 'node:crypto'

/** A stream of random numbers that is the same for the same key, on every machine. */
export interface Random {
  /** A number in [0, 1). */
  uniform(): number
  /** A number in [low, high). */
  between(low: number, high: number): number
  /** An integer in [low, high]. */
  integer(low: number, high: number): number
  /** Mean 0, variance 1. */
  normal(): number
  /** A number of events if `mean` are expected. */
  poisson(mean: number): number
}

/** The generator sfc32 (small, fast, counting) of C. Doty-Humphrey's PractRand, seeded by SHA-256 of the key. */
export const createRandom = (key: string): Random => {
  const digest = createHash('sha256').update(key).digest()
  let a = digest.readInt32LE(0)
  let b = digest.readInt32LE(4)
  let c = digest.readInt32LE(8)
  let counter = digest.readInt32LE(12)
  let spare: number | null = null

  const uniform = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 2 ** 32
  }
  /** Marsaglia's polar method, which makes two numbers at a time. */
  const normal = (): number => {
    if (spare !== null) {
      const second = spare
      spare = null
      return second
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const scale = Math.sqrt((-2 * Math.log(square)) / square)
      spare = y * scale
      return x * scale
    }
  }
  return {
    uniform,
    normal,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (low, high) => low + Math.floor((high - low + 1) * uniform()),
    poisson(mean) {
      if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
      const limit = Math.exp(-mean)
      let count = 0
      for (let product = uniform(); product > limit; product *= uniform()) count++
      return count
    },
  }
}
