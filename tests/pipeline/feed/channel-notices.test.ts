import { expect, test } from 'vitest'
import { type Announced, channelNews } from '../../../src/pipeline/feed/channel-notices.ts'
import type { FeedState } from '../../../src/pipeline/feed/state.ts'
import { at } from '../../support/market.ts'

const FLOWING: FeedState = { kind: 'flowing' }
const silent = (clock: string, why: 'unanswered' | 'empty' | 'alone'): FeedState => ({
  kind: 'silent',
  since: at(clock),
  why,
})

/** The notices of a channel that watches A and B, pass by pass. */
const channel = () => {
  let told: Announced | undefined
  return (clock: string, A: FeedState, B: FeedState): string[] => {
    const news = channelNews(
      { channelId: 'c', guildId: 'g', symbols: ['A', 'B'] },
      told,
      new Map([
        ['A', A],
        ['B', B],
      ]),
      { now: at(clock), today: '2026-11-16' },
    )
    told = JSON.parse(JSON.stringify(news.told)) as Announced
    return news.owed.map(
      ({ kind, symbols, since }) => `${kind} ${symbols} ${new Date(since + 9 * 3_600_000).toISOString().slice(11, 16)}`,
    )
  }
}

test('a halted stock hides no outage of the others, nor its end, and its own end is told too', () => {
  const hears = channel()
  const halted = silent('10:00', 'alone')
  expect(hears('10:05', FLOWING, halted)).toEqual(['alone B 10:00'])
  expect(hears('13:03', silent('13:00', 'unanswered'), halted)).toEqual(['unanswered A 13:00'])
  expect(hears('13:04', silent('13:00', 'unanswered'), halted)).toEqual([])
  expect(hears('13:40', FLOWING, halted)).toEqual(['back A 13:00'])
  expect(hears('14:03', silent('14:00', 'empty'), halted)).toEqual(['empty A 14:00'])
  expect(hears('14:10', FLOWING, halted)).toEqual(['back A 14:00'])
  expect(hears('15:00', FLOWING, FLOWING)).toEqual(['back B 10:00'])
  expect(hears('15:01', FLOWING, FLOWING)).toEqual([])
})

test('a stock that is silent by itself during an outage is told of when that is over', () => {
  const hears = channel()
  expect(hears('13:03', silent('13:00', 'unanswered'), FLOWING)).toEqual(['unanswered A 13:00'])
  expect(hears('13:10', silent('13:00', 'unanswered'), silent('13:05', 'alone'))).toEqual([])
  expect(hears('13:40', FLOWING, silent('13:05', 'alone'))).toEqual(['back A 13:00', 'alone B 13:05'])
  expect(hears('13:50', FLOWING, FLOWING)).toEqual(['back B 13:05'])
})

test('stocks that fall silent one after the other, of one kind, are one message and one end', () => {
  for (const why of ['unanswered', 'empty', 'alone'] as const) {
    const hears = channel()
    expect(hears('10:03', silent('10:00', why), FLOWING)).toEqual([`${why} A 10:00`])
    expect(hears('10:05', silent('10:00', why), silent('10:02', why))).toEqual([])
    expect(hears('10:20', FLOWING, silent('10:02', why))).toEqual([])
    expect(hears('10:21', FLOWING, FLOWING)).toEqual(['back A,B 10:00'])
  }
})
