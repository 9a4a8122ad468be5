import { FencedError } from '../../errors.ts'
import type { Engine, Value } from './engine.ts'
import type { Fence } from './records.ts'

/** Reads within a transaction. @returns rows as arrays, in the order of the selected columns */
type Ask = (sql: string, parameters: readonly Value[]) => Promise<readonly (readonly Value[])[]>

/**
 * Comes first in a transaction that stores what was made under tasks. In MariaDB the lock keeps another process from
 * claiming a task until the transaction ends.
 *
 * @throws {FencedError} if another process has claimed one of the tasks since
 */
export const checkFences = async (
  kind: Engine['kind'],
  ask: Ask,
  fences: readonly (Fence | undefined)[],
): Promise<void> => {
  const lock = kind === 'mariadb' ? ' lock in share mode' : ''
  const tasks = new Map(fences.flatMap((fence) => (fence ? [[fence.name, fence.generation] as const] : [])))
  for (const [name, generation] of [...tasks].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [row] = await ask(`select generation from mw_leases where name = ?${lock}`, [name])
    if (row?.[0] !== generation)
      throw new FencedError(`another process has taken over ${name}: nothing of this step was stored`)
  }
}
