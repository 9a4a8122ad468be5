import { readFileSync } from 'node:fs'
import { dataFile } from '../../tests/support/data.ts'
import { minuteKey } from '../detection/replay.ts'

/** A natural sudden minute: the close moved 3 % or more on at least ten times the mean volume of the hour before. */
export interface Shock {
  readonly key: string
  readonly openTime: number
  /** Move of the close against the close before. */
  readonly movePercent: number
  /** `panel`: eleven sessions of the same stocks. `later`: surging stocks of later days. */
  readonly phase: 'panel' | 'later'
}

export const readShocks = (): Shock[] => {
  const [head = '', ...lines] = readFileSync(dataFile('krx/shocks-2025.csv'), 'utf8').trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map((line) => {
    const row = Object.fromEntries(line.split(',').map((value, i) => [names[i], value]))
    const { symbol = '', time, ret_pct, phase } = row
    const openTime = Number(time)
    return {
      key: minuteKey(symbol, openTime),
      openTime,
      movePercent: Number(ret_pct),
      phase: phase === 'panel' ? 'panel' : 'later',
    }
  })
}

/** A move of this size, in percent, is a big one. */
const BIG = 5

/** Counts the shocks that are signals in their own minute: of all, of big ones, of falls. */
export const signalledOf = (shocks: readonly Shock[], isSignal: (key: string) => boolean) => {
  const count = (which: readonly Shock[]) => ({
    signalled: which.filter(({ key }) => isSignal(key)).length,
    of: which.length,
  })
  return {
    all: count(shocks),
    big: count(shocks.filter(({ movePercent }) => Math.abs(movePercent) >= BIG)),
    falls: count(shocks.filter(({ movePercent }) => movePercent < 0)),
  }
}
