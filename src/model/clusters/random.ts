/**
 * Uniform numbers in [0, 1) from a seed: xorshift32 after one multiplicative scramble, so that neighbouring seeds part
 * at once.
 * G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8/14 (2003).
 */
export const createSeededRandom = (seed: number): (() => number) => {
  let state = Math.imul((seed | 0) ^ 0x9e3779b9, 0x85ebca6b) | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4294967296
  }
}
