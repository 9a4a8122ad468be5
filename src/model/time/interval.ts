/** Half-open: `[from, to)`, epoch milliseconds. */
export interface Interval {
  readonly from: number
  readonly to: number
}
