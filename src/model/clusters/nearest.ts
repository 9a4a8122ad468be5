/** The nearest centroid and the squared distance to it. @throws {RangeError} on a non-finite entry */
export const nearest = (
  row: readonly number[],
  centroids: readonly (readonly number[])[],
): { index: number; squaredDistance: number } => {
  let index = -1
  let squaredDistance = Infinity
  for (let c = 0; c < centroids.length; c++) {
    const centroid = centroids[c]!
    let sum = 0
    for (let d = 0; d < row.length; d++) sum += (row[d]! - centroid[d]!) ** 2
    if (sum < squaredDistance) {
      squaredDistance = sum
      index = c
    }
  }
  if (index < 0) throw new RangeError(`row [${row.join(', ')}] has no nearest centroid: every number must be finite`)
  return { index, squaredDistance }
}

/**
 * Inertia: Σᵢ minⱼ ‖xᵢ − cⱼ‖², in squared units of the rows; lower fits tighter.
 * S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982) 129–137.
 *
 * @param rows - n × d
 * @param centroids - k × d, k ≥ 1
 * @throws {RangeError} on a non-finite entry, for which ml-kmeans would answer cluster −1
 */
export const inertia = (rows: readonly (readonly number[])[], centroids: readonly (readonly number[])[]): number =>
  rows.reduce((sum, row) => sum + nearest(row, centroids).squaredDistance, 0)
