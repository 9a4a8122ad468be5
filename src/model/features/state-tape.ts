/** Numbers in a typed array; on the tape they are little-endian. */
export type Column = Float64Array | Float32Array | Uint32Array | Uint8Array

/**
 * Carries a rolling state to bytes and back. Every stateful part goes through its numbers once, in one order, for both
 * directions: while saving, the tape takes a number and returns it; while restoring, it returns the saved one.
 */
export interface StateTape {
  number(value: number): number
  text(value: string): string
  /** Carries the elements in place: while restoring, the column has its length already and receives them. */
  column(values: Column): void
}

/** A part of a rolling state. */
export interface Stateful {
  /** Saves the part to the tape, or restores a new part from it. Saving leaves the part as it is. */
  carry(tape: StateTape): void
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The bytes themselves; on a big-endian machine, a copy with the bytes of each element in the other order. */
const littleEndian = (bytes: Uint8Array, size: number): Uint8Array => {
  if (IS_LITTLE_ENDIAN) return bytes
  const turned = bytes.slice()
  for (let at = 0; at < turned.length; at += size) turned.subarray(at, at + size).reverse()
  return turned
}

/** @param pass - takes the bytes of a column, or fills them */
const tapeOf = (pass: (bytes: Uint8Array, size: number) => void): StateTape => {
  const single = new Float64Array(1)
  const column = (values: Column) =>
    pass(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), values.BYTES_PER_ELEMENT)
  const number = (value: number): number => {
    single[0] = value
    column(single)
    return single[0]
  }
  return {
    number,
    text(value) {
      const encoded = new TextEncoder().encode(value)
      const length = number(encoded.length)
      const carried = length === encoded.length ? encoded : new Uint8Array(length)
      column(carried)
      return new TextDecoder().decode(carried)
    },
    column,
  }
}

/** The bytes of everything that is carried. */
export const saved = (carry: (tape: StateTape) => void): Uint8Array => {
  let bytes = new Uint8Array(1 << 18)
  let length = 0
  carry(
    tapeOf((part, size) => {
      if (length + part.length > bytes.length) {
        const longer = new Uint8Array(2 * (length + part.length))
        longer.set(bytes)
        bytes = longer
      }
      bytes.set(littleEndian(part, size), length)
      length += part.length
    }),
  )
  return bytes.subarray(0, length)
}

/**
 * Restores what {@link saved} has saved.
 *
 * @throws {RangeError} if more is carried than was saved
 */
export const restored = (bytes: Uint8Array, carry: (tape: StateTape) => void): void => {
  let at = 0
  carry(
    tapeOf((part, size) => {
      if (at + part.length > bytes.length) throw new RangeError(`the saved state ends after ${bytes.length} bytes`)
      part.set(littleEndian(bytes.subarray(at, at + part.length), size))
      at += part.length
    }),
  )
}
