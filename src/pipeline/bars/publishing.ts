import { createGroup } from '../../async/group.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { JudgedMinutes } from '../episodes/decider.ts'
import type { Store } from '../store/contract.ts'
import type { FreshBars } from '../store/records.ts'
import type { Publisher } from '../topic/publisher.ts'
import type { Detection } from './detection.ts'

interface Dependencies {
  readonly series: string
  readonly store: Pick<Store, 'bars' | 'signals'>
  readonly publisher: Pick<Publisher, 'offer'>
}

/** The part of detection that a keeper of bars uses. */
export type KeptDetection = Pick<Detection, 'run' | 'judge' | 'commit' | 'forget' | 'train' | 'keepStates'>

/**
 * Takes the place of detection in a collector: what is stored is published, and judged elsewhere. After a start a
 * symbol is published from where it has been judged, so a stretch that an ended collector has stored and not published
 * is not lost.
 */
export const createPublishing = ({ series, store, publisher }: Dependencies): KeptDetection => {
  /** The coverage of which everything has been published, by symbol. */
  const published = new Map<string, Interval>()

  const keep = createGroup(async (group: readonly (JudgedMinutes & { readonly fresh: FreshBars })[]) => {
    await store.bars.saveFresh(series, new Map(group.map(({ symbol, fresh }) => [symbol, fresh])))
  })

  return {
    async run(symbol, changedFrom = Number.POSITIVE_INFINITY) {
      const coverage = await store.bars.coverage(series, symbol)
      if (coverage === null) return
      const known = published.get(symbol)
      const knownTo = known?.to ?? (await store.signals.judgedUntil(series, symbol)) ?? coverage.to
      const from = Math.min(knownTo, coverage.to)
      const isOlder = known !== undefined && coverage.from < known.from
      const again = changedFrom < from ? changedFrom : isOlder ? from : null
      publisher.offer(symbol, { covered: { from, to: coverage.to }, bars: null, again })
      published.set(symbol, coverage)
    },
    // Not an ordinary minute if another program has added history.
    judge: async (symbol, coverage, fresh) =>
      published.get(symbol)?.from === coverage.from ? { symbol, until: fresh.covered.to, findings: [], fresh } : null,
    async commit({ fresh, ...minutes }) {
      if (!fresh) return
      await keep({ ...minutes, fresh })
      const { symbol } = minutes
      publisher.offer(symbol, { covered: fresh.covered, bars: fresh.bars, again: null })
      published.set(symbol, { from: published.get(symbol)?.from ?? fresh.covered.from, to: fresh.covered.to })
    },
    train: async () => {},
    keepStates: async () => {},
    forget: (symbol) => void published.delete(symbol),
  }
}
