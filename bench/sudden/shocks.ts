import { readFileSync } from 'node:fs'
import { dataFile } from '../../tests/support/data.ts'
import { minuteKey } from '../detection/replay.ts'

/** A natural sudden minute: the close moved 3 % or more on at least ten times the mean volume of the hour before. */
export interface Shock {
  readonly key: string
  readonly openTime: number
  /** Of the close against the close before. */
  readonly movePercent: number
  /** Eleven sessions of the same stocks, or surging names of later days. */
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
export const BIG = 5

/** How many of some shocks a detector tells in their own minute: all, big ones, falls. */
export const toldOf = (shocks: readonly Shock[], tells: (key: string) => boolean) => {
  const count = (which: readonly Shock[]) => ({ told: which.filter(({ key }) => tells(key)).length, of: which.length })
  return {
    all: count(shocks),
    big: count(shocks.filter(({ movePercent }) => Math.abs(movePercent) >= BIG)),
    falls: count(shocks.filter(({ movePercent }) => movePercent < 0)),
  }
}
