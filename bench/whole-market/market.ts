import { type Market, openMarket } from '../../src/market.ts'
import { sessionsBack } from '../../src/pipeline/calendar/sessions-back.ts'
import { historyFetchedKey } from '../../src/pipeline/run/history-fetched.ts'
import type { BarSource } from '../../src/pipeline/sources/source.ts'
import { createDirectory } from '../../src/pipeline/stocks/directory.ts'
import type { Store } from '../../src/pipeline/store/contract.ts'
import { calendar, codeOf, SERIES } from './source.ts'

export const silent = { debug() {}, info() {}, warn() {}, error() {} }
export const never = new AbortController().signal

/** Stores the bars of so many sessions up to the present, each stock watched by one channel. */
export const fillStore = async (
  store: Store,
  source: BarSource,
  {
    stocks,
    sessions,
    channelOf,
    guildId = 'g',
  }: { stocks: number; sessions: number; channelOf(stock: number): string; guildId?: string },
): Promise<void> => {
  const covered = { from: sessionsBack(calendar, source.now(), sessions).at(-1)!.open, to: source.now() }
  for (let stock = 0; stock < stocks; stock++) {
    const symbol = codeOf(stock)
    await store.bars.save(SERIES, symbol, await source.fetchBars(symbol, covered, never), covered)
    await store.keyValues.set(historyFetchedKey(SERIES, symbol), 'bench')
  }
  await watchAll(
    store,
    Array.from({ length: stocks }, (_, stock) => ({ stock, channelId: channelOf(stock), guildId })),
  )
}

/** Watches stocks from the beginning of time. */
export const watchAll = async (
  store: Store,
  watches: readonly { stock: number; channelId: string; guildId: string }[],
): Promise<void> => {
  await store.watches.addAll(
    watches.map(({ stock, channelId, guildId }) => ({
      ...{ series: SERIES, symbol: codeOf(stock), guildId, channelId, addedBy: null, addedAt: 0, since: 0 },
    })),
  )
}

export const openBenchMarket = (store: Store, source: BarSource): Promise<Market> =>
  openMarket({ source, store, directory: createDirectory('krx'), log: silent, now: source.now })

/** Passes until the minutes of every stock are judged up to the present. */
export const catchUp = async ({ pipeline }: Market, store: Store, source: BarSource, stocks: number): Promise<void> => {
  const isBehind = async (): Promise<boolean> => {
    for (let stock = 0; stock < stocks; stock++)
      if (((await store.signals.judgedUntil(SERIES, codeOf(stock))) ?? 0) < source.now()) return true
    return false
  }
  do await pipeline.collectAndDetect(never)
  while (await isBehind())
}

/** The CPU seconds of this process since its start. */
export const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
