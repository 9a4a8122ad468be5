/** Prints aligned plain text: columns of text (the first unless others are named) to the left, numbers to the right. */
export const printTable = (
  print: (line: string) => void,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts: readonly number[] = [0],
): void => {
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => (row[c] ?? '').length)))
  for (const row of [head, ...rows])
    print(
      `  ${widths.map((width, c) => (texts.includes(c) ? (row[c] ?? '').padEnd(width) : (row[c] ?? '').padStart(width))).join('  ')}`.trimEnd(),
    )
}

/** A number with so many decimals; a dash if it is not finite. */
export const shown = (value: number, digits = 3): string => (Number.isFinite(value) ? value.toFixed(digits) : '–')

/** A part in percent of the whole; a dash if that is 0. */
export const percent = (part: number, whole: number, digits = 1): string =>
  whole > 0 ? `${((100 * part) / whole).toFixed(digits)} %` : '–'

/** Such as "52 of 52". */
export const outOf = (part: number, whole: number): string => `${part} of ${whole}`
