import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { touches } from '../../../src/pipeline/calendar/interruptions.ts'
import { at } from '../../support/market.ts'
import { interruption } from '../store/records.ts'

test.for([
  ['released at 09:12:36', at('09:12') + 36_000, ['09:10', '09:11', '09:12']],
  ['released on the minute', at('09:12'), ['09:10', '09:11']],
  ['whose release was never told', null, ['09:10', '09:11', '09:12', '09:13']],
] as const)(
  'an interruption triggered at 09:10:26 and %s touches the minutes in which trading stood still',
  ([, releasedAt, expected]) => {
    const told = interruption('038530', at('09:10') / MINUTE, { releasedAt })
    const touched = ['09:09', '09:10', '09:11', '09:12', '09:13', '09:14'].filter((clock) =>
      touches(told, { from: at(clock), to: at(clock) + MINUTE }),
    )
    expect(touched).toEqual(expected)
  },
)
