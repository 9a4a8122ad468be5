import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Dispatcher } from '../../../src/bot/interaction/dispatch.ts'
import { RetryableError, SetupError, UnknownSymbolError } from '../../../src/errors.ts'
import { type DiscordSetup, openDiscordSetup } from '../discord-setup.ts'
import { watchingStub } from '../stubs.ts'
import { stock } from '../views.ts'

let setup: DiscordSetup
let dispatcher: Dispatcher | null = null
beforeEach(async () => {
  setup = await openDiscordSetup()
})
afterEach(async () => {
  await dispatcher?.close()
  dispatcher = null
  await setup.close()
})

const inChannel = () => setup.sandbox.state.messages(setup.sandbox.alertsChannelId)
const alone = () => setup.sandbox.state.ephemerals()
const answered = async () => {
  await expect.poll(() => inChannel().filter(({ flags }) => ((flags ?? 0) & 128) === 0).length).toBe(1)
  return inChannel()[0]!
}
const privateAnswer = async () => {
  await expect.poll(() => alone().length).toBe(1)
  return alone()[0]!.content
}

describe('what the person can mend', () => {
  test.for([
    ['ko', '없는 종목', /종목코드나 종목명으로 읽을 수 없습니다.*여섯 자리 코드/],
    [
      'en-US',
      '999999',
      /“999999” is not listed here\. Did you mean one of these\? `038530` K-BIO, `005930` Samsung Elec/,
    ],
    ['ja', '999999', /is not listed here/],
  ] as const)('is answered to them alone in their language: %s', async ([locale, symbol, expected]) => {
    dispatcher = setup.dispatch()
    await setup.type('watch', { symbol }, { locale })
    expect(await privateAnswer()).toMatch(expected)
    expect(inChannel()).toEqual([])
  })

  test('takes a public placeholder away before the private word', async () => {
    const watching = watchingStub({ watch: async () => ({ full: { capacity: 50 } }) })
    dispatcher = setup.dispatch({ watching })
    await setup.type('watch', { symbol: '038530' }, { locale: 'en-US' })
    expect(await privateAnswer()).toContain('50 stocks')
    expect(inChannel()).toEqual([])
  })

  test('names the permissions that the bot lacks in the channel', async () => {
    setup.sandbox.state.deny(setup.sandbox.alertsChannelId, 'EmbedLinks', 'AttachFiles')
    const watching = watchingStub()
    dispatcher = setup.dispatch({ watching })
    await setup.type('watch', { symbol: '038530' }, { locale: 'en-US' })
    expect(await privateAnswer()).toContain('It lacks: Embed Links, Attach Files.')
    expect(watching.watched).toEqual([])
  })
})

describe('what goes wrong elsewhere', () => {
  test('a silent data source is said to be tried again', async () => {
    dispatcher = setup.dispatch({ read: { chart: () => Promise.reject(new RetryableError('HTTP 503')) } })
    await setup.type('chart', { symbol: '038530' })
    expect(await privateAnswer()).toMatch(/^시세 서버가 지금 응답하지 않습니다/)
    expect(inChannel()).toEqual([])
  })

  test('what only the operator can mend is said so, and what it is stays in the log', async () => {
    const watch = () => Promise.reject(new SetupError('Kiwoom does not accept the key (8001)'))
    dispatcher = setup.dispatch({ watching: watchingStub({ watch }) })
    await setup.type('watch', { symbol: '038530' })
    const answer = await privateAnswer()
    expect(answer).toMatch(/^운영자가 설정을 고쳐야/)
    expect(answer).not.toContain('8001')
  })

  test('a stock that the data source does not know is said so', async () => {
    const watch = () => Promise.reject(new UnknownSymbolError('038530'))
    dispatcher = setup.dispatch({ watching: watchingStub({ watch }) })
    await setup.type('watch', { symbol: '038530' }, { locale: 'en-US' })
    expect(await privateAnswer()).toBe('The data source has no stock 038530.')
  })

  test('a mistake of ours is an apology with a reference, and shows nothing of its inside', async () => {
    dispatcher = setup.dispatch({ read: { history: () => Promise.reject(new TypeError('secret inside')) } })
    await setup.type('history', { symbol: '038530' }, { locale: 'en-US' })
    expect(await privateAnswer()).toMatch(/^Sorry, .* reference: `[0-9a-f]{8}`$/)
  })

  test('a picture that cannot be drawn leaves the words', async () => {
    dispatcher = setup.dispatch({ charts: { png: () => Promise.reject(new Error('no canvas')) } })
    await setup.type('chart', { symbol: '038530' })
    const message = await answered()
    expect(message.embeds[0]?.title).toContain('케이바이오')
    expect(message.embeds[0]?.image).toBeUndefined()
  })

  test('an acknowledgement that failed after it had worked does not cost the answer', async () => {
    const fault = setup.sandbox.faults.rest({
      method: 'POST',
      path: '/callback',
      fault: { kind: 'status', status: 500, when: 'after' },
    })
    dispatcher = setup.dispatch()
    await setup.type('help')
    expect((await answered()).embeds[0]?.title).toBe('minutewatch')
    expect(fault.hits).toBe(1)
  })

  test('an answer that took longer than the interaction lives goes into the channel', async () => {
    const chart = async () => {
      setup.sandbox.state.ageInteractions(16 * 60_000)
      return { stock, session: null, span: { bars: [], usual: [] }, marks: [], interruptions: [] }
    }
    dispatcher = setup.dispatch({ read: { chart } })
    await setup.type('chart', { symbol: '038530' })
    await expect.poll(() => inChannel().at(-1)?.embeds.length).toBe(1)
    expect(inChannel().at(-1)?.interaction_metadata).toBeUndefined()
  })

  test('an interaction that Discord has given up on is let go, and the next one works', async () => {
    let first = true
    const watching = watchingStub()
    const resolve = async () => {
      if (first) setup.sandbox.state.ageInteractions(4_000)
      first = false
      return { kind: 'found', listing: stock.listing } as const
    }
    dispatcher = setup.dispatch({ read: { resolve }, watching })
    await setup.type('watch', { symbol: '038530' })
    await expect
      .poll(() =>
        setup.sandbox.state.requests().some(({ path, status }) => path.includes('callback') && status === 404),
      )
      .toBe(true)
    await setup.type('watch', { symbol: '038530' })
    await answered()
    expect(watching.watched).toHaveLength(1)
    expect(alone()).toEqual([])
  })
})

describe('autocomplete', () => {
  test('offers code and name', async () => {
    dispatcher = setup.dispatch()
    expect(await setup.complete('watch', '케이')).toEqual([{ name: '038530 케이바이오', value: '038530' }])
  })

  test('offers at most 25, each name within 100 characters', async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({
      ...stock.listing,
      symbol: String(100_000 + i),
      name: '긴이름'.repeat(60),
    }))
    dispatcher = setup.dispatch({ read: { suggest: () => many } })
    const offered = await setup.complete('chart', '')
    expect(offered).toHaveLength(25)
    expect(Math.max(...offered.map(({ name }) => name.length))).toBeLessThanOrEqual(100)
  })

  test('offers nothing when looking up fails', async () => {
    const suggest = () => {
      throw new Error('index is broken')
    }
    dispatcher = setup.dispatch({ read: { suggest } })
    expect(await setup.complete('watch', '케이')).toEqual([])
  })
})

test('a bot that is stopping says so and waits for what runs', async () => {
  const gate = Promise.withResolvers<void>()
  const watchlist = async () => {
    await gate.promise
    return []
  }
  dispatcher = setup.dispatch({ read: { watchlist } })
  await setup.type('watchlist')
  await expect.poll(() => inChannel().length).toBe(1)
  const closing = dispatcher.close(20_000)
  await setup.type('help', {}, { locale: 'en-US' })
  expect(await privateAnswer()).toBe('The bot is shutting down. Try again in a while.')
  gate.resolve()
  await closing
  expect(inChannel()[0]?.embeds[0]?.description).toContain('/watch 038530')
})
