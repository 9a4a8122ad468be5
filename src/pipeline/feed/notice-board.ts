import { type Named, stockOf } from '../stocks/stocks.ts'
import type { KeyValueStore } from '../store/contract.ts'
import type { Notice, NoticeBoard } from '../views/views.ts'
import type { OwedNotice } from './channel-notices.ts'

/** Key under which the feed watch keeps its states and the notices that it owes. */
export const feedKey = (series: string): string => `feed:${series}`

const finishedKey = (series: string, owner = ''): string => `feed-finished:${series}:${owner}`

/** Makes a notice as it is shown of one that is owed. */
export const createToNotice =
  (named: Named) =>
  ({ symbols, ...notice }: OwedNotice): Notice => ({
    ...notice,
    stocks: symbols.map((symbol) => stockOf(symbol, named)),
  })

/** Ids of the notices that other processes have finished with. */
export const finishedElsewhere = async (keyValues: KeyValueStore, series: string): Promise<ReadonlySet<string>> => {
  const texts = await keyValues.beginning(finishedKey(series))
  return new Set([...texts.values()].flatMap((text) => JSON.parse(text) as string[]))
}

interface Dependencies extends Named {
  readonly keyValues: KeyValueStore
  /** The name under which this owner of channels stores what it has finished. */
  readonly owner: string
  /** True for a guild whose channels are this owner's. */
  readonly owns: (guildId: string) => boolean
}

/**
 * The notices that another process's feed watch owes to this owner's channels. The owner alone writes what it has
 * finished, so that nobody undoes the other's writing.
 */
export const createNoticeBoard = ({ keyValues, owner, owns, ...named }: Dependencies): NoticeBoard => {
  const { series } = named.source
  const toNotice = createToNotice(named)
  const key = finishedKey(series, owner)
  let finished: ReadonlySet<string> | null = null
  const read = async (): Promise<ReadonlySet<string>> => {
    finished ??= new Set(JSON.parse((await keyValues.get(key)) ?? '[]') as string[])
    return finished
  }
  const allOwed = async (): Promise<readonly OwedNotice[]> => {
    const text = await keyValues.get(feedKey(series))
    return text === null ? [] : (JSON.parse(text) as { owed: readonly OwedNotice[] }).owed
  }
  return {
    async owed() {
      const done = await read()
      return (await allOwed()).filter(({ id, guildId }) => owns(guildId) && !done.has(id)).map(toNotice)
    },
    async finished(id) {
      // A notice that the feed watch no longer owes need not be remembered.
      const owed = new Set((await allOwed()).map((notice) => notice.id))
      finished = new Set([...(await read()), id].filter((one) => owed.has(one) || one === id))
      await keyValues.set(key, JSON.stringify([...finished]))
    },
  }
}
