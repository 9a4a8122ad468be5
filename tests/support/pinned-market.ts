import { createSimulatedSource, DEFAULT_SEED, simulatedSeries } from '../../src/pipeline/sources/simulated/source.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { at, silent } from './market.ts'

const VENUE = simulatedSeries(DEFAULT_SEED)
/** The minute before the one at which a first start begins. */
const BEFORE = { from: at('09:39', 4), to: at('09:40', 4) }
const LIVE_FROM = '2026-11-20'
/** Trades in every minute, and nobody watches it. */
const OTHER = '990470'

/**
 * Makes a database whose first start begins in the simulated market's morning of one Friday, not of the day before
 * today: each day has events of its own, and a wait that is long enough on one is too short on another.
 */
export const pinMarket = async (databaseUrl: string): Promise<void> => {
  const store = await openStore(databaseUrl, { log: silent })
  const market = createSimulatedSource({
    seed: DEFAULT_SEED,
    speed: 1,
    now: Date.now,
    startAt: BEFORE.from,
    liveFrom: LIVE_FROM,
  })
  await store.keyValues.set(`live-from:${VENUE}`, LIVE_FROM)
  await store.bars.save(VENUE, OTHER, await market.fetchBars(OTHER, BEFORE, new AbortController().signal), BEFORE)
  const newest = await store.bars.newest(VENUE)
  await store.close()
  if (newest !== BEFORE.from) throw new Error(`the market's newest minute is ${newest}, expected ${BEFORE.from}`)
}
