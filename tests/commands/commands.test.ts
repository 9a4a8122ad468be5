import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Dispatcher } from '../../src/bot/interaction/dispatch.ts'
import type { ChannelSettings } from '../../src/pipeline/store/records.ts'
import type { Read, Watching } from '../../src/pipeline/views/views.ts'
import { type DiscordSetup, openDiscordSetup } from '../bot/discord-setup.ts'
import { readStub, settingsOf, watchingStub } from '../bot/stubs.ts'
import { MINUTE_OF_ALERT, summaryView } from '../bot/views.ts'

let setup: DiscordSetup
let dispatcher: Dispatcher
beforeAll(async () => {
  setup = await openDiscordSetup()
})
afterAll(() => setup.close())
afterEach(() => dispatcher.close())

/** Types a command in a new channel and waits for its answer there. */
const answerTo = async (name: string, options: Record<string, string | number | boolean> = {}, locale = 'ko') => {
  const channelId = setup.sandbox.state.addChannel({ name: `for-${name}` })
  await expect.poll(() => setup.discord.client.channels.cache.has(channelId)).toBe(true)
  const private_ = setup.sandbox.state.ephemerals().length
  await setup.type(name, options, { channelId, locale })
  const ready = () => setup.sandbox.state.messages(channelId).filter((one) => ((one.flags ?? 0) & 128) === 0)
  await expect
    .poll(
      () =>
        ready().some((one) => one.embeds.length > 0 || one.content.endsWith('.')) ||
        setup.sandbox.state.ephemerals().length > private_,
    )
    .toBe(true)
  return { channelId, message: ready()[0], alone: setup.sandbox.state.ephemerals()[private_] }
}

describe('/watch', () => {
  test('follows at once and answers with the stock, what was learned, and the unusual minutes with a picture', async () => {
    const watching = watchingStub()
    dispatcher = setup.dispatch({ watching })
    const { channelId, message } = await answerTo('watch', { symbol: '케이바이오' })
    expect(watching.watched).toMatchObject([
      { symbol: '038530', channelId, guildId: setup.sandbox.guildId, locale: 'en' },
    ])
    expect(message?.content).toBe('케이바이오(038530)를 이 채널에서 지켜봅니다.')
    expect(message?.embeds[0]?.fields?.[1]?.value).toContain('**10:41** +4.2%')
    const picture = await fetch(message?.embeds[0]?.image?.url ?? '')
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(message?.flags ?? 0).toBe(0)
  })

  test('shows how far the learning is while it runs', async () => {
    const gate = Promise.withResolvers<void>()
    const watching = watchingStub({
      watch: async (_request, onProgress) => {
        onProgress({ phase: 'fetch', bars: 0, done: 3, total: 20 }) // three sessions of an earlier run
        const going = setInterval(() => onProgress({ phase: 'fetch', bars: 1_234, done: 19, total: 20 }), 50)
        await gate.promise
        clearInterval(going)
        return { added: true }
      },
    })
    dispatcher = setup.dispatch({ watching })
    const channelId = setup.sandbox.state.addChannel({ name: 'progress' })
    await expect.poll(() => setup.discord.client.channels.cache.has(channelId)).toBe(true)
    await setup.type('watch', { symbol: '038530' }, { channelId })
    const shown = () => setup.sandbox.state.messages(channelId)[0]?.content
    await expect.poll(shown).toMatch(/^과거 분봉 받는 중… 3\/20일 · 0개 · 초당 0개$/)
    await expect
      .poll(shown, { timeout: 10_000 })
      .toMatch(/^과거 분봉 받는 중… 19\/20일 · 1,234개 · 초당 [\d,]+개 · 1초 남음$/)
    gate.resolve()
    await expect.poll(() => setup.sandbox.state.messages(channelId)[0]?.embeds.length).toBe(1)
  })

  test('again says that it is watched already; without enough history it says N of M minutes', async () => {
    const read = {
      summary: async () => ({
        ...summaryView,
        learning: { have: 60, need: 1_440 },
        unusual: [],
        span: { bars: [], usual: [] },
      }),
    }
    dispatcher = setup.dispatch({ watching: watchingStub({ watch: async () => ({ added: false }) }), read })
    const { message } = await answerTo('watch', { symbol: '038530' }, 'en-US')
    expect(message?.content).toBe('This channel already watches K-BIO (038530).')
    expect(message?.embeds[0]?.description).toContain('60 of 1,440 minutes')
    expect(message?.embeds[0]?.image).toBeUndefined()
  })
})

describe('a whole market', () => {
  test('is watched at once, with the number of its stocks', async () => {
    const asked: unknown[] = []
    const watchMarket: Watching['watchMarket'] = async (request) => {
      asked.push(request)
      return { added: true, stocks: 1_712 }
    }
    dispatcher = setup.dispatch({ watching: watchingStub({ watchMarket }) })
    const { channelId, message } = await answerTo('watch', { symbol: 'Market: KOSDAQ' })
    expect(asked).toMatchObject([{ market: 'kosdaq', channelId, guildId: setup.sandbox.guildId, locale: 'en' }])
    expect(message?.content).toMatch(/^이제 이 채널에서 코스닥 전체를 지켜봅니다\(1,712종목\)\./)
  })

  test.for([
    [{ full: { capacity: 98, stocks: 2_800 } }, /^코스닥 전체는 2,800종목인데, .*98종목까지만/],
    [{ unlisted: true }, /^이 시세 서버에는 코스닥 전체 목록이 없습니다/],
  ] as const)('that cannot be watched is answered to the person alone: %j', async ([result, sentence]) => {
    dispatcher = setup.dispatch({ watching: watchingStub({ watchMarket: async () => result }) })
    const { message, alone } = await answerTo('watch', { symbol: 'market:kosdaq' })
    expect(message).toBeUndefined()
    expect(alone?.content).toMatch(sentence)
  })

  test('that does not exist is answered with those that do', async () => {
    dispatcher = setup.dispatch({})
    expect((await answerTo('watch', { symbol: 'market:nasdaq' })).alone?.content).toContain('`market:kosdaq`')
  })

  test('is left again, or said not to be watched', async () => {
    dispatcher = setup.dispatch({})
    expect((await answerTo('unwatch', { symbol: 'market:kosdaq' })).message?.content).toContain('지켜보지 않습니다')
    expect((await answerTo('unwatch', { symbol: 'market:krx' })).alone?.content).toContain('지켜보는 시장이 아닙니다')
  })
})

describe('/unwatch', () => {
  test('leaves a stock', async () => {
    dispatcher = setup.dispatch()
    expect((await answerTo('unwatch', { symbol: '038530' })).message?.content).toBe(
      '이제 케이바이오(038530)를 이 채널에서 지켜보지 않습니다.',
    )
  })

  test('leaves a stock that is no longer listed', async () => {
    dispatcher = setup.dispatch({
      watching: watchingStub({ unwatch: async (_channel, symbol) => symbol === '0009Z0' }),
    })
    expect((await answerTo('unwatch', { symbol: '0009z0' }, 'en-US')).message?.content).toBe(
      'This channel no longer watches 0009Z0.',
    )
  })

  test('of a stock that is not watched here is answered to the person alone', async () => {
    dispatcher = setup.dispatch({ watching: watchingStub({ unwatch: async () => false }) })
    const { message, alone } = await answerTo('unwatch', { symbol: '005930' }, 'en-US')
    expect(message).toBeUndefined()
    expect(alone?.content).toBe('This channel does not watch 005930. See `/watchlist`.')
  })
})

test('/watchlist lists what the channel watches, or says how to begin', async () => {
  dispatcher = setup.dispatch()
  expect((await answerTo('watchlist')).message?.embeds[0]?.title).toBe('지켜보는 종목 · 1종목')
  await dispatcher.close()
  dispatcher = setup.dispatch({ read: { watchlist: async () => [] } })
  expect((await answerTo('watchlist')).message?.embeds[0]?.description).toContain('/watch 038530')
})

test.for([
  [{ symbol: '038530' }, 'K-BIO (038530) · centers of 4 clusters', 'reaches this channel’s boundary becomes an alert'],
  [{ symbol: '038530', k: 2, features: 'seed' }, 'K-BIO (038530) · centers of 2 clusters', 'alerts do not use it'],
] as const)('/centers %j', async ([options, title, note]) => {
  dispatcher = setup.dispatch()
  const { message } = await answerTo('centers', options, 'en-US')
  expect(message?.embeds[0]?.title).toBe(title)
  expect(message?.embeds[0]?.description).toContain(note)
  expect(message?.embeds[0]?.image?.url).toContain('centers.png')
})

test('/centers asks for its own channel, and shows human units unless the raw numbers are wanted', async () => {
  const asked: unknown[] = []
  const { centers } = readStub()
  const read: Partial<Read> = {
    centers: (...given) => {
      asked.push(given)
      return centers(...given)
    },
  }
  dispatcher = setup.dispatch({ read })
  const fieldsOf = async (options: Record<string, string | number | boolean>) => {
    const { channelId, message } = await answerTo('centers', { symbol: '038530', ...options }, 'en-US')
    return { channelId, values: message?.embeds[0]?.fields?.map(({ value }) => value) ?? [] }
  }
  const human = await fieldsOf({ k: 3 })
  expect(asked).toEqual([['038530', 3, 'model', human.channelId]])
  expect(human.values[2]).toBe('typically ±4.1% on 34× the usual volume')
  expect((await fieldsOf({ raw: false })).values).toEqual(human.values)
  const raw = (await fieldsOf({ raw: true })).values
  expect(raw[2]).toContain('surge **14**')
  expect(raw.join()).not.toContain('typically')
})

test('/centers without enough history says N of M minutes to the person alone', async () => {
  dispatcher = setup.dispatch({
    read: { centers: async () => ({ kind: 'learning', learning: { have: 5, need: 60 } }) },
  })
  const { message, alone } = await answerTo('centers', { symbol: '038530' })
  expect(message).toBeUndefined()
  expect(alone?.content).toContain('60분 중 5분')
})

test('/history and /chart answer with a picture', async () => {
  let asked: readonly unknown[] = []
  const { history, chart } = readStub()
  dispatcher = setup.dispatch({
    read: {
      history: (...given) => {
        asked = [...asked, ...given.slice(0, 2)]
        return history(...given)
      },
      chart: (...given) => {
        asked = [...asked, ...given]
        return chart(...given)
      },
    },
  })
  expect((await answerTo('history', { symbol: '038530', count: 5 })).message?.embeds[0]?.image?.url).toContain(
    'history.png',
  )
  expect((await answerTo('chart', { symbol: '038530', minutes: 60 })).message?.embeds[0]?.image?.url).toContain(
    'chart.png',
  )
  expect(asked).toEqual(['038530', 5, '038530', 60])
})

describe('/sensitivity', () => {
  test.for([
    [{ level: 'lively' }, 20],
    [{ alerts: 4.5 }, 4.5],
    [{ level: 'quiet', alerts: 2 }, 2],
  ] as const)('%j sets %d alerts a day', async ([options, expected]) => {
    const watching = watchingStub()
    dispatcher = setup.dispatch({ watching })
    const { channelId } = await answerTo('sensitivity', { ...options }, 'en-US')
    expect(watching.saved).toEqual([
      {
        ...settingsOf(channelId, setup.sandbox.guildId),
        alertsPerDay: expected,
        numberSince: MINUTE_OF_ALERT + 90_000,
      },
    ])
  })

  test.for([
    [
      'ko',
      { level: 'lively' },
      '이 채널의 알림을 하루 20번쯤으로 맞췄습니다. 나머지 이상 분봉은 `/history`에 남습니다.',
    ],
    [
      'en-US',
      { level: 'lively' },
      'Set to about 20 alerts a day for this channel. Other abnormal minutes are kept in `/history`.',
    ],
    ['ko', {}, '지금은 채널 전체에 하루 6번쯤입니다.'],
    ['en-US', {}, 'About 6 alerts a day for this channel.'],
  ] as const)('answers in %s to %j', async ([locale, options, description]) => {
    const number = { stocks: 5, expected: 3, most: 18, realised: { sessions: 5, perDay: 2.4 } }
    dispatcher = setup.dispatch({ read: { channelNumber: async () => number } })
    const embed = (await answerTo('sensitivity', { ...options }, locale)).message?.embeds[0]
    expect(embed?.description).toBe(description)
    expect(embed?.fields?.map(({ name, value }) => [name, value])).toEqual(
      locale === 'ko'
        ? [
            ['예상', '5종목에 **하루 3번**쯤 · 아무리 많아도 18번까지'],
            ['최근 끝난 거래일', '5거래일 동안 하루 2.4번'],
          ]
        : [
            ['To expect', 'about **3 a day** for 5 stocks · never more than 18'],
            ['Last finished sessions', '2.4 a day over 5 sessions'],
          ],
    )
  })

  test('of a channel that watches nothing, before its first session is over, says so in place of numbers', async () => {
    dispatcher = setup.dispatch({
      read: { channelNumber: async () => ({ stocks: 0, expected: 0, most: 18, realised: null }) },
    })
    const { message } = await answerTo('sensitivity', {}, 'en-US')
    expect(message?.embeds[0]?.fields?.map(({ value }) => value)).toEqual([
      'This channel watches no stock yet.',
      'no session has finished yet',
    ])
  })

  test('the number that holds, chosen again, goes on from where it began', async () => {
    const watching = watchingStub()
    dispatcher = setup.dispatch({ watching })
    const { message } = await answerTo('sensitivity', { level: 'normal' }, 'en-US')
    expect(watching.saved).toEqual([])
    expect(message?.embeds[0]?.description).toContain('Set to about 6 alerts a day')
  })

  test('without a choice changes nothing and shows what to expect beside what came', async () => {
    const watching = watchingStub()
    const asked: unknown[] = []
    const read: Partial<Read> = {
      async channelNumber(channelId) {
        asked.push(channelId)
        return { stocks: 2, expected: 1.2, most: 18, realised: { sessions: 5, perDay: 1.4 } }
      },
    }
    dispatcher = setup.dispatch({ watching, read })
    const { message } = await answerTo('sensitivity', {}, 'en-US')
    expect(watching.saved).toEqual([])
    expect(asked).toEqual([message?.channel_id])
    expect(message?.embeds[0]?.fields?.[0]?.value).toBe('about **1.2 a day** for 2 stocks · never more than 18')
  })

  describe('after a number that meant stocks and weeks', () => {
    /** Stores saved settings, as the store does. */
    const keeping = (wasPerWeek: number) => {
      let saved: ChannelSettings | null = null
      const watching = watchingStub({
        saveSettings: async (settings) => {
          saved = settings
        },
      })
      const settings: Read['settings'] = async (channelId, guildId) =>
        saved ?? { ...settingsOf(channelId, guildId), alertsPerDay: 7.2, wasPerWeek }
      dispatcher = setup.dispatch({ watching, read: { settings } })
      return () => saved
    }
    const said = async (options: Record<string, string | number> = {}, locale = 'en-US') =>
      (await answerTo('sensitivity', options, locale)).message?.embeds[0]?.description

    test.for([
      ['en-US', 'what was 3 per stock and week has become 7.2 a day'],
      ['ko', '종목마다 일주일에 3번이던 것이 하루 7.2번이 되었습니다'],
    ] as const)('the next answer says so, in %s, and the one after does not', async ([locale, words]) => {
      const saved = keeping(3)
      expect(await said({}, locale)).toContain(words)
      expect(saved()).toMatchObject({ alertsPerDay: 7.2, numberSince: null, wasPerWeek: null })
      expect(await said({}, locale)).not.toContain(words)
    })

    test('the next answer says so even where it sets another', async () => {
      const saved = keeping(3)
      expect((await said({ alerts: 4 }))?.split('\n')).toEqual([
        expect.stringContaining('Set to about 4 alerts a day'),
        expect.stringContaining('what was 3 per stock and week has become 7.2 a day'),
      ])
      expect(saved()).toMatchObject({ alertsPerDay: 4, wasPerWeek: null })
    })
  })
})

test('/language sets the language of the posts and answers in it', async () => {
  const watching = watchingStub()
  dispatcher = setup.dispatch({ watching })
  const { message } = await answerTo('language', { language: 'en' })
  expect(watching.saved).toMatchObject([{ locale: 'en', alertsPerDay: 6 }])
  expect(message?.content).toBe('Alerts in this channel are now in English.')
})

test('/help explains the bot in the language of the reader', async () => {
  dispatcher = setup.dispatch()
  const { message } = await answerTo('help')
  expect(message?.embeds[0]?.fields?.map(({ name }) => name)).toEqual(['판단 방법', '명령', '알아 두기'])
})
