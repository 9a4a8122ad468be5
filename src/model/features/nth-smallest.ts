/**
 * The n-th smallest value, counted from 0, without sorting all of them. The values are put in another order.
 * C. A. R. Hoare, "Algorithm 65: find", Communications of the ACM 4 (1961) 321–322.
 *
 * @param values - without NaN
 * @param n - below the number of values
 */
export const nthSmallest = (values: Float64Array, n: number): number => {
  let [low, high] = [0, values.length - 1]
  while (low < high) {
    const pivot = values[n]!
    let [left, right] = [low, high]
    while (left <= right) {
      while (values[left]! < pivot) left++
      while (values[right]! > pivot) right--
      if (left > right) break
      const moved = values[left]!
      values[left++] = values[right]!
      values[right--] = moved
    }
    // The values up to `right` are at most the pivot, those from `left` on at least as much, those between equal to it.
    if (right < n) low = left
    if (left > n) high = right
  }
  return values[n]!
}
