import { expect, onTestFinished } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import type { Bar } from '../../../src/model/time/bar.ts'
import type { Manners } from '../../../src/pipeline/sources/polite-http.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'
import type { Peer } from '../../support/http-peer.ts'

export type QuickManners = Partial<Manners>

/** Manners for a test: requests follow each other at once, and a busy test machine does not run into a timeout. */
export const quickManners = (manners: QuickManners): QuickManners => ({
  intervalMs: 1,
  timeoutMs: 30_000,
  ...manners,
})

/** Closes the source, then its peer, when the test has ended. */
export const closeAfterTest = (peer: Peer, source: BarSource): void =>
  onTestFinished(async () => {
    await source.close()
    await peer.close()
  })

/** Expects that the first fetch fails as time can mend it, with this sentence, and that a later one gives the bars. */
export const expectHealing = async (fetchBars: () => Promise<Bar[]>, sentence: RegExp, bars: number): Promise<void> => {
  const error = await fetchBars().catch((e: unknown) => e)
  expect(error).toBeInstanceOf(RetryableError)
  expect((error as Error).message).toMatch(sentence)
  await expect.poll(() => fetchBars().catch(() => [])).toHaveLength(bars)
}
