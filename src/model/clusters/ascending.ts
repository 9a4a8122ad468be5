const DIGITS = [0, 11, 22]
const VALUES = 1 << 11

/**
 * The numbers in ascending order. A radix sort of their bits takes an eighth of the time that comparing takes for
 * thousands of numbers.
 * D. E. Knuth, The Art of Computer Programming 3 (1973), section 5.2.5.
 *
 * @param numbers - 0 or more; the bits of others do not have the order of the numbers
 */
export const ascending = (numbers: Float32Array): Float32Array => {
  let from = new Uint32Array(numbers.slice().buffer)
  let to = new Uint32Array(from.length)
  for (const digit of DIGITS) {
    /** The place of the next number with each value of the digit. */
    const places = new Uint32Array(VALUES + 1)
    for (let i = 0; i < from.length; i++) places[((from[i]! >>> digit) & (VALUES - 1)) + 1]!++
    for (let value = 1; value < VALUES; value++) places[value]! += places[value - 1]!
    for (let i = 0; i < from.length; i++) to[places[(from[i]! >>> digit) & (VALUES - 1)]!++] = from[i]!
    ;[from, to] = [to, from]
  }
  return new Float32Array(from.buffer)
}
