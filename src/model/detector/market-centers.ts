import type { MarketCenters } from './model.ts'

/** The one feature that is clustered, by its name in files of centers and of measurements. */
export const CLUSTERED = 'surge'

/**
 * The centers that judge from a cutoff on: those imported last before it, or null if those were removed again.
 *
 * @param imports - imports and removals, newest first
 */
export const centersAt = (imports: readonly MarketCenters[], cutoff: number): MarketCenters | null => {
  const newest = imports.find((each) => each.cutoff <= cutoff)
  return newest === undefined || isRemoval(newest) ? null : newest
}

/** True for the record of a removal. */
export const isRemoval = ({ surges }: MarketCenters): boolean => Object.keys(surges).length === 0
