import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ageOf, isLate } from '../../../src/model/detector/age.ts'
import { calmAt, clearlyRises, EPISODE_GAP, extendEpisode } from '../../../src/model/detector/episode.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { continues, decide, type Listener, postNonce } from '../../../src/pipeline/episodes/decide.ts'
import { at } from '../../support/market.ts'

const listener: Listener = { watch: { guildId: 'g', channelId: 'c', since: at('09:00') }, boundary: 3 }
const finding = (score: number, clock = '10:00', horizon = 1) => ({ openTime: at(clock), score, horizon, ageMs: 2_000 })
const spoken = (
  score: number,
  kind: 'alert' | 'rise' = 'alert',
  state: 'pending' | 'sent' | 'dropped' = 'sent',
  channelId = 'c',
  clock = '09:58',
) => ({ channelId, kind, state, score, horizon: 1, openTime: at(clock) })
/** The posted minutes are those of the episode unless others are given. */
const choose = (
  found: ReturnType<typeof finding>,
  posts: ReturnType<typeof spoken>[] = [],
  minutes: Parameters<typeof decide>[3] = posts,
) => decide(found, { id: 'e' }, listener, minutes, posts, 1)?.kind ?? null

describe('what is worth a post', () => {
  test('a minute that reaches the channel’s boundary opens with an alert; one below it does not', () => {
    expect(choose(finding(3))).toBe('alert')
    expect(choose(finding(2.99))).toBeNull()
  })

  test('a later minute of the episode speaks again only when it is clearly more severe than what was last spoken of', () => {
    expect(choose(finding(3.6), [spoken(3)])).toBeNull()
    expect(choose(finding(3.7), [spoken(3)])).toBe('rise')
    expect(choose(finding(4.2), [spoken(3), spoken(3.7, 'rise')])).toBeNull()
    expect(choose(finding(4.2), [spoken(3.7, 'rise'), spoken(3)])).toBeNull()
    expect(choose(finding(9), [spoken(3, 'alert', 'dropped')])).toBeNull()
    expect(choose(finding(9), [spoken(3, 'alert', 'sent', 'another channel')])).toBe('alert')
  })

  test('a minute that reaches the boundary more than ten minutes after the last one that did is another alert, however long the episode', () => {
    const early = spoken(4, 'alert', 'sent', 'c', '09:30')
    const weak = [31, 38, 45, 52, 59].map((minute) => ({ openTime: at(`09:${minute}`), score: 2, horizon: 1 }))
    expect(choose(finding(3.1), [early], [early, ...weak])).toBe('alert')
    expect(decide(finding(3.1), { id: 'e' }, listener, [early, ...weak], [early], 1)?.sequence).toBe(1)
    expect(choose(finding(3.1), [early], [early, ...weak, { openTime: at('09:55'), score: 3, horizon: 1 }])).toBeNull()
  })

  test('each alert of a long episode has its place and a nonce of its own, in each channel', () => {
    const [first, second] = ['09:30', '09:45'].map((clock) => spoken(4, 'alert', 'sent', 'c', clock))
    const third = decide(finding(3.1), { id: 'e' }, listener, [first!, second!], [first!, second!], 1)
    expect(third).toMatchObject({
      kind: 'alert',
      sequence: 2,
      openTime: at('10:00'),
      nonce: postNonce('e', 'c', 'alert', 2),
    })
    const elsewhere = { ...listener, watch: { ...listener.watch, channelId: 'd' } }
    expect(decide(finding(3.1), { id: 'e' }, elsewhere, [first!, second!], [first!, second!], 1)).toMatchObject({
      sequence: 0,
      channelId: 'd',
    })
  })

  test('a minute that another channel’s boundary asks for is nothing to a channel that asks for more', () => {
    const spread = [31, 42, 53].map((minute) => ({ openTime: at(`09:${minute}`), score: 2, horizon: 1 }))
    expect(choose(finding(2.5), [], spread)).toBeNull()
    expect(decide(finding(2.5), { id: 'e' }, { ...listener, boundary: 2.4 }, spread, [], 1)?.kind).toBe('alert')
  })

  test('a minute that is judged again says nothing again', () => {
    expect(choose(finding(3, '10:00'), [spoken(3, 'alert', 'sent', 'c', '10:00')])).toBeNull()
    expect(choose(finding(9, '10:00'), [spoken(3, 'alert', 'sent', 'c', '10:00')])).toBeNull()
  })

  test('a minute that came late, less than ten minutes before one that was told, is the same alert', () => {
    expect(choose(finding(4, '09:57'), [spoken(4, 'alert', 'sent', 'c', '10:00')])).toBeNull()
    expect(choose(finding(4, '09:49'), [spoken(4, 'alert', 'sent', 'c', '10:00')])).toBe('alert')
  })

  test('no order of what was said and seen before changes anything', () => {
    const minute = fc.record({
      offset: fc.integer({ min: -40, max: 4 }),
      score: fc.double({ min: 1, max: 8, noNaN: true }),
      horizon: fc.constantFrom(1, 15),
    })
    const said = fc.record({
      kind: fc.constantFrom('alert', 'rise'),
      state: fc.constantFrom('pending', 'sent', 'dropped'),
    })
    const seen = fc.uniqueArray(fc.tuple(minute, fc.option(said)), { selector: ([{ offset }]) => offset, maxLength: 8 })
    const shuffled = seen.chain((pairs) =>
      fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })),
    )
    const answer = (
      pairs: readonly (readonly [
        { offset: number; score: number; horizon: number },
        { kind: 'alert' | 'rise'; state: 'pending' | 'sent' | 'dropped' } | null,
      ])[],
      of: ReturnType<typeof finding>,
    ) => {
      const minutes = pairs.map(([{ offset, score, horizon }]) => ({
        openTime: at('10:00') + offset * MINUTE,
        score,
        horizon,
      }))
      const posts = minutes.flatMap((one, i) => (pairs[i]![1] ? [{ ...one, ...pairs[i]![1], channelId: 'c' }] : []))
      return decide(of, { id: 'e' }, listener, minutes, posts, 1)
    }
    fc.assert(
      fc.property(shuffled, minute, ([one, other], { score, horizon }) => {
        expect(answer(other, finding(score, '10:00', horizon))).toEqual(answer(one, finding(score, '10:00', horizon)))
      }),
      { seed: 7, numRuns: 3_000 },
    )
  })

  test('an alert that was dropped has no rise, and the next alert is one of its own', () => {
    const dropped = spoken(3, 'alert', 'dropped')
    expect(choose(finding(9), [dropped])).toBeNull()
    expect(choose(finding(9, '10:09'), [dropped], [{ ...dropped, openTime: at('09:58') }])).toBe('alert')
    expect(choose(finding(9), [spoken(3, 'alert', 'dropped', 'c', '09:30'), spoken(3)])).toBe('rise')
  })

  test('what was worth a ping under a lower boundary still counts as the same alert', () => {
    expect(choose(finding(3.1), [spoken(2.5)])).toBeNull()
  })

  test('a sudden minute in the middle of a slow move is another alert; a slow move after a sudden minute is not', () => {
    const slow = { ...spoken(4), horizon: 15 }
    expect(choose(finding(4.1), [slow])).toBe('alert')
    expect(choose(finding(4.1, '10:00', 15), [spoken(4)])).toBeNull()
  })

  test('a stretch that holds the minute spoken of is no rise, however far out', () => {
    expect(choose(finding(9, '10:00', 15), [spoken(3)])).toBeNull()
    expect(
      choose(
        finding(9, '10:00', 15),
        [spoken(3, 'alert', 'sent', 'c', '09:45')],
        [{ openTime: at('09:55'), score: 3, horizon: 1 }],
      ),
    ).toBe('rise')
  })

  test('nothing is said about a minute that closed more than ten minutes ago, or one from before the channel began to watch', () => {
    expect(choose({ ...finding(9), ageMs: 10 * MINUTE })).toBe('alert')
    expect(choose({ ...finding(9), ageMs: 10 * MINUTE + 1 })).toBeNull()
    expect(choose(finding(9, '08:59'))).toBeNull()
  })

  test('a post’s nonce fits Discord and is the same for ever for the same post', () => {
    const nonce = postNonce('test:038530:1', '123', 'alert', 0)
    expect(nonce).toHaveLength(24)
    expect(postNonce('test:038530:1', '123', 'alert', 0)).toBe(nonce)
    expect(
      new Set([nonce, postNonce('test:038530:1', '124', 'alert', 0), postNonce('test:038530:1', '123', 'rise', 0)])
        .size,
    ).toBe(3)
  })

  test('a minute is late once three minutes of our clock have passed since it closed', () => {
    expect(isLate(ageOf(at('10:00'), at('10:04')))).toBe(false)
    expect(isLate(ageOf(at('10:00'), at('10:04') + 1))).toBe(true)
    expect(isLate(ageOf(at('10:00'), at('11:31'), 30))).toBe(false)
    expect(isLate(ageOf(at('10:00'), at('11:32'), 30))).toBe(true)
    expect(isLate(ageOf(at('10:00'), at('15:31'), Number.POSITIVE_INFINITY))).toBe(false)
  })
})

describe('episodes', () => {
  const signal = (minute: number, score: number) => ({ openTime: at('10:00') + minute * MINUTE, score })

  test('signals within ten minutes are one event, which remembers its most severe minute', () => {
    const episode = [signal(0, 3), signal(4, 5), signal(14, 4)].reduce<ReturnType<typeof extendEpisode> | null>(
      extendEpisode,
      null,
    )
    expect(episode).toEqual({ start: at('10:00'), last: at('10:14'), peak: at('10:04'), peakScore: 5, signals: 3 })
  })

  test('more than ten minutes later another one begins', () => {
    const first = extendEpisode(null, signal(0, 3))
    expect(extendEpisode(first, signal(11, 3)).start).toBe(at('10:11'))
    expect(continues({ ...first, endedAt: null }, first.last + EPISODE_GAP)).toBe(true)
    expect(continues({ ...first, endedAt: null }, first.last + EPISODE_GAP + MINUTE)).toBe(false)
  })

  test('it is calm ten minutes after its last minute closed, or when the session ends', () => {
    const session = createWeekdayCalendar().lastSession(at('10:00'))
    expect(calmAt({ last: at('10:14') }, session)).toBe(at('10:25'))
    expect(calmAt({ last: at('15:30') }, session)).toBe(at('15:31'))
  })

  test('scores are logarithms: clearly more severe is twice as far out', () => {
    expect(clearlyRises(2, 2 + Math.log(2))).toBe(true)
    expect(clearlyRises(2, 2.6)).toBe(false)
  })
})
