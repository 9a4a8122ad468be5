import type { DetectorSettings } from '../../model/detector/detector.ts'
import { saveDetector } from '../../model/detector/state.ts'
import { hoursHash } from '../calendar/hours-hash.ts'
import type { Store } from '../store/contract.ts'
import type { Rereads } from './rereads.ts'
import type { Runtime } from './runtime.ts'

/** States stored in one transaction: some 1.5 MB, a few milliseconds. */
const STATES = 10

type Named = readonly [symbol: string, runtime: Runtime]

/** Stores rolling states, so that a restart goes on from them instead of replaying their bars. */
export interface KeptStates {
  /** Stores one state. */
  keep(symbol: string, runtime: Runtime): Promise<void>
  /**
   * Stores the states that have grown since they were stored, those that have grown most first, until the signal is
   * aborted.
   *
   * @returns the symbols whose stored bars have changed under their state
   */
  keepGrown(runtimes: Iterable<Named>, signal: AbortSignal): Promise<string[]>
}

interface Dependencies {
  readonly series: string
  readonly calendar: Rereads['calendar']
  readonly store: Pick<Store, 'states'>
  readonly settingsOf: (symbol: string) => DetectorSettings
}

export const createKeptStates = ({ series, calendar, store, settingsOf }: Dependencies): KeptStates => {
  const keepAll = async (runtimes: readonly Named[]): Promise<string[]> => {
    const whole = runtimes.filter(([, { settled, reopenings }]) => settled && reopenings === calendar.reopenings)
    const states = whole.map(([symbol, { detector, recent, from, position, revision }]) => ({
      ...{ series, symbol, revision, coveredFrom: from, position },
      hours: hoursHash(calendar, { from, to: position }),
      bytes: saveDetector(detector, settingsOf(symbol), recent),
    }))
    const changed = await store.states.save(states)
    for (const [place, [, runtime]] of whole.entries()) runtime.keptAt = states[place]!.position
    return changed
  }

  return {
    async keep(symbol, runtime) {
      await keepAll([[symbol, runtime]])
    },
    async keepGrown(runtimes, signal) {
      const growth = ({ position, keptAt }: Runtime) => position - keptAt
      const grown = [...runtimes].filter(([, each]) => growth(each) > 0).sort(([, a], [, b]) => growth(b) - growth(a))
      const changed: string[] = []
      for (let at = 0; at < grown.length && !signal.aborted; at += STATES) {
        changed.push(...(await keepAll(grown.slice(at, at + STATES))))
        await new Promise(setImmediate)
      }
      return changed
    },
  }
}
