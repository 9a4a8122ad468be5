import { type APIEmbed, embedLength as discordLength } from 'discord.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { texts as tables } from '../../../src/bot/locale/index.ts'
import { alertContent, alertEmbed } from '../../../src/bot/render/alert.ts'
import { centersEmbed } from '../../../src/bot/render/centers.ts'
import {
  changesAlertEmbed,
  changesContent,
  changesHistoryEmbed,
  changesLearningEmbed,
} from '../../../src/bot/render/changes.ts'
import { chartEmbed } from '../../../src/bot/render/chart.ts'
import { helpEmbed } from '../../../src/bot/render/help.ts'
import { historyEmbed } from '../../../src/bot/render/history.ts'
import { clip, clipLines, fitEmbed, LIMITS } from '../../../src/bot/render/limits.ts'
import { sensitivityEmbed } from '../../../src/bot/render/sensitivity.ts'
import { COLOURS } from '../../../src/bot/render/stock.ts'
import { summaryEmbed } from '../../../src/bot/render/summary.ts'
import { watchlistEmbed } from '../../../src/bot/render/watchlist.ts'
import {
  alertView,
  anyAlert,
  anyCenters,
  anyChangesAlert,
  anyChangesHistory,
  anyChart,
  anyHistory,
  anyStock,
  anySummary,
  anyWatchlist,
  centersView,
  changesAlertView,
  changesHistoryView,
  chartView,
  episode,
  historyView,
  interruption,
  MINUTE_OF_ALERT,
  SLIP,
  span,
  stock,
  summaryView,
  unusual,
  watchlistEntry,
} from '../views.ts'

const { ko, en } = tables
const locale = fc.constantFrom(ko, en)

/** Null if Discord takes the embed, else the part that it refuses. */
const refused = (embed: APIEmbed): string | null => {
  const { title = '', description = '', footer, fields = [] } = embed
  if (title.length > 256) return 'title'
  if (description.length > 4_096) return 'description'
  if ((footer?.text.length ?? 0) > 2_048) return 'footer'
  if (fields.length > 25) return 'fields'
  if (
    fields.some(
      ({ name, value }) => name.length === 0 || name.length > 256 || value.length === 0 || value.length > 1_024,
    )
  )
    return 'field'
  if (title === '' && description === '' && fields.length === 0) return 'empty'
  return discordLength(embed) > 6_000 ? 'sum' : null
}

describe('whatever a venue says, Discord takes the message', () => {
  const law = <View>(views: fc.Arbitrary<View>, render: (view: View, texts: typeof ko) => APIEmbed) =>
    fc.assert(
      fc.property(views, locale, (view, texts) => {
        const embed = render(view, texts)
        expect(refused(embed)).toBeNull()
        expect(JSON.stringify(embed)).not.toMatch(SLIP)
      }),
      { numRuns: 150 },
    )

  test('an alert', () => law(anyAlert, alertEmbed))
  test('a summary', () => law(anySummary, summaryEmbed))
  test('a history', () => law(anyHistory, historyEmbed))
  test('centers', () => law(anyCenters, centersEmbed))
  test('raw centers', () => law(anyCenters, (view, texts) => centersEmbed(view, texts, true)))
  test('a watchlist', () => law(anyWatchlist, (entries, texts) => watchlistEmbed(entries, [], true, texts)))
  test('an alert of the old table', () => law(anyChangesAlert, changesAlertEmbed))
  test('a history of the old table', () => law(anyChangesHistory, changesHistoryEmbed))
  test('a stock of the old table that has too little to learn from', () =>
    law(anyStock, (one, texts) => changesLearningEmbed(one, { have: 3, need: 720 }, texts)))
  test('a chart', () => law(anyChart, chartEmbed))

  test('the first line of an alert', () => {
    fc.assert(
      fc.property(anyAlert, locale, (view, texts) => {
        const content = alertContent(view, 'rise', texts)
        expect(content.length).toBeGreaterThan(0)
        expect(content.length).toBeLessThanOrEqual(LIMITS.content)
      }),
    )
  })

  test('an embed of any size is cut to what fits, and what fits is left alone', () => {
    const part = fc.string({ unit: 'grapheme', maxLength: 5_000 })
    const anyEmbed = fc.record({
      title: part,
      description: part,
      footer: fc.record({ text: part }),
      fields: fc.array(fc.record({ name: part, value: part }), { maxLength: 40 }),
    })
    fc.assert(
      fc.property(anyEmbed, (embed) => {
        const fitted = fitEmbed(embed)
        expect(['empty', null]).toContain(refused(fitted))
        expect(fitEmbed(fitted)).toEqual(fitted)
      }),
      { numRuns: 100 },
    )
  })

  test('a cut never splits a character and says that something is missing', () => {
    expect(clip('가나다라', 4)).toBe('가나다라')
    expect(clip('가나다라마', 4)).toBe('가나다…')
    expect(clip('a😀b', 3)).toBe('a…')
    expect(clipLines(['one', 'two', 'three'], 12, (left) => `+${left}`)).toBe('one\ntwo\n+1')
    expect(clipLines(['one', 'two'], 7, (left) => `+${left}`)).toBe('one\ntwo')
  })
})

describe('an alert of the old table', () => {
  test('opens with both changes and the minute', () => {
    expect(changesContent(changesAlertView, 'alert', ko)).toBe('038530 케이바이오 가격 -1.0% · 거래량 +14,900% · 10:41')
    expect(changesContent(changesAlertView, 'rise', en)).toBe(
      '038530 K-BIO price -1.0% · volume +14,900% · 10:41 · Stronger',
    )
  })

  test('says how large the change was among all, which cluster it fell into, and what such a change does not say', () => {
    const embed = changesAlertEmbed(changesAlertView, ko)
    expect(embed.description).toBe(
      `케이바이오: 바로 앞 분봉과 견줘 가격 -1.0%, 거래량 +14,900%. 지금까지 본 75,165분 가운데 3번째로 큰 변화입니다.\n-# ${ko.changes.caution}`,
    )
    const values = Object.fromEntries((embed.fields ?? []).map(({ name, value }) => [name, value]))
    expect(values).toMatchObject({
      군집: '**2번** / 2개 · 이상 군집',
      '군집 크기': '**7분**\n학습한 75,000분 가운데',
      '이례적인 정도': '**3위** / 75,165분\n상위 0.004%',
      상태: '진행 중',
    })
    expect(changesAlertEmbed(changesAlertView, en).description).toContain('the 3rd largest change of 75,165 minutes')
  })

  test('is listed in history with what was posted of it', () => {
    const { description } = changesHistoryEmbed(changesHistoryView, ko)
    expect(description?.split('\n')[0]).toBe('**8월 3일 (월) 10:41** 가격 -1.0% · 거래량 +14,900% · 75,165분 중 3위')
    expect(description).toContain('-# 기록만 · 이 채널의 알림 기준에 못 미침')
  })
})

describe('an alert', () => {
  test('opens with the line a phone shows', () => {
    expect(alertContent(alertView, 'alert', ko)).toBe('038530 케이바이오 +4.2% · 거래량 34배 · 10:41 · SIMULATED')
    expect(alertContent(alertView, 'alert', en)).toBe('038530 K-BIO +4.2% · volume 34× · 10:41 · SIMULATED')
  })

  test('of a real market carries no warning in that line, and a rise says so', () => {
    const real = { ...alertView, stock: { ...stock, provenance: { kind: 'real' } as const } }
    expect(alertContent(real, 'rise', ko)).toBe('038530 케이바이오 +4.2% · 거래량 34배 · 10:41 · 더 강해짐')
  })

  test('shows move, volume, turnover, rank with its denominator, cluster and price beside what is usual', () => {
    const embed = alertEmbed(alertView, ko)
    const values = Object.fromEntries((embed.fields ?? []).map(({ name, value }) => [name, value]))
    expect(values).toMatchObject({
      움직임: '**+4.2%**\n평소 1분 ±0.12%',
      거래량: '**34,000주**\n평소 1,000주의 34배',
      거래대금: '**1.77억원**\n평소 501만원',
      '이례적인 정도': '**3위** / 7,620분\n상위 0.039%',
      군집: '**4번** / 4개 · 이상 군집',
      가격: '**5,200원**',
      상태: '진행 중',
    })
    expect(embed.title).toBe('케이바이오(038530) · 8월 3일 (월) 10:41')
    expect(embed.description).toContain('케이바이오')
  })

  test('says below its own minute what followed, and nothing where nothing has', () => {
    const followed = (minutes: number, texts = ko) =>
      alertEmbed({ ...alertView, since: { movePercent: -6.24, minutes } }, texts).description?.split('\n')
    expect(alertEmbed(alertView, ko).description?.split('\n')).toHaveLength(1)
    expect(followed(9)).toEqual([alertEmbed(alertView, ko).description, '10:41 이후 -6.2% · 이상 분봉 9개 더'])
    expect(followed(9, en)?.[1]).toBe('Since 10:41: -6.2% · 9 more abnormal minutes')
    expect(followed(1, en)?.[1]).toBe('Since 10:41: -6.2% · 1 more abnormal minute')
  })

  test('is named by its own minute, however far out the episode went', () => {
    const last = MINUTE_OF_ALERT + 9 * 60_000
    const grown = {
      ...alertView,
      episode: { ...episode, peak: last, last, peakScore: 9, signals: 10 },
      since: { movePercent: 6.2, minutes: 9 },
    }
    expect(alertContent(grown, 'alert', ko)).toBe(alertContent(alertView, 'alert', ko))
    expect(alertEmbed(grown, ko).title).toBe(alertEmbed(alertView, ko).title)
    expect(alertEmbed(grown, ko).fields?.slice(0, 6)).toEqual(alertEmbed(alertView, ko).fields?.slice(0, 6))
  })

  describe('of a slow move', () => {
    const why = {
      ...unusual.judged.why,
      horizon: 15,
      movePercent: 7.4,
      typicalMovePercent: 0.46,
      volume: 270_000,
      typicalVolume: 30_000,
    }
    const slow = {
      ...alertView,
      minute: { ...unusual, judged: { ...unusual.judged, horizon: 15, why: { ...why, volumeMultiple: 9 } } },
    }
    const fieldOf = (name: string, texts: typeof ko) =>
      alertEmbed(slow, texts).fields?.find((field) => field.name === name)?.value

    test('names its stretch in the first line and beside what is usual', () => {
      expect(alertContent(slow, 'alert', ko)).toBe('038530 케이바이오 +7.4% (15분) · 거래량 9배 · 10:41 · SIMULATED')
      expect(alertContent(slow, 'alert', en)).toBe('038530 K-BIO +7.4% (15 min) · volume 9× · 10:41 · SIMULATED')
      expect(fieldOf('움직임', ko)).toBe('**+7.4% (15분)**\n평소 15분 ±0.46%')
      expect(fieldOf('Move', en)).toBe('**+7.4% (15 min)**\nusually ±0.46% in 15 minutes')
    })

    test('has the volume of its stretch beside what is usual for one', () => {
      expect(fieldOf('Volume', en)).toBe('**270,000 shares**\n9× the usual 30,000 shares')
    })
  })

  test('of an overnight gap does not take its usual for that of a minute', () => {
    const why = { ...unusual.judged.why, gap: true, movePercent: 12.3, typicalMovePercent: 1.8 }
    const gap = { ...alertView, minute: { ...unusual, judged: { ...unusual.judged, why } } }
    expect(alertEmbed(gap, en).description).toContain('opened +12.3% from the last close (usually 1.8%)')
    expect(alertEmbed(gap, ko).description).toContain('전 거래일 종가보다 +12.3%에서 시작했고(평소 시가 차이 1.8%)')
    expect(alertEmbed(gap, en).fields?.[0]?.value).not.toContain('a minute')
    expect(alertEmbed(gap, ko).fields?.[0]?.value).not.toContain('1분')
    expect(alertContent(gap, 'alert', ko)).toBe('038530 케이바이오 +12.3% · 거래량 34배 · 10:41 · SIMULATED')
  })

  test('of an older model does not say how many clusters there were', () => {
    const older = { ...alertView, minute: { ...unusual, older: true, judged: { ...unusual.judged, clusters: 0 } } }
    expect(alertEmbed(older, ko).fields?.find(({ name }) => name === ko.alert.cluster)?.value).toBe(
      '**4번** · 이상 군집',
    )
  })

  test('is red when the price rises, blue when it falls, grey once it has calmed', () => {
    const falling = {
      ...alertView,
      minute: { ...unusual, judged: { ...unusual.judged, why: { ...unusual.judged.why, direction: 'down' as const } } },
    }
    const calmed = { ...alertView, episode: { ...episode, signals: 3, endedAt: MINUTE_OF_ALERT + 14 * 60_000 } }
    expect(alertEmbed(alertView, ko).color).toBe(COLOURS.up)
    expect(alertEmbed(falling, ko).color).toBe(COLOURS.down)
    expect(alertEmbed(calmed, ko).color).toBe(COLOURS.calm)
    expect(alertEmbed(calmed, ko).fields?.at(-1)?.value).toBe('10:55에 진정 · 이상 분봉 3개')
    expect(alertEmbed(calmed, en).fields?.at(-1)?.value).toBe('calmed at 10:55 · 3 minutes abnormal')
  })

  test('says that its minute came late', () => {
    for (const [locale, words] of [
      ['en', 'this minute came late'],
      ['ko', '늦게 들어온 분봉'],
    ] as const) {
      const stateOf = (late: boolean) => alertEmbed({ ...alertView, late }, tables[locale]).fields?.at(-1)?.value
      expect(stateOf(true)).toBe(`${stateOf(false)} · ${words}`)
    }
  })

  test('names where its numbers come from', () => {
    const from = (provenance: typeof stock.provenance) =>
      alertEmbed({ ...alertView, stock: { ...stock, provenance } }, en).footer?.text
    expect(from({ kind: 'simulated' })).toBe('SIMULATED market: these are not real prices · simulated · KST')
    expect(from({ kind: 'replay' })).toMatch(/^REPLAY of past minutes/)
    expect(from({ kind: 'unofficial', delayMinutes: 20 })).toMatch(/^unofficial prices · about 20 min late/)
    expect(from({ kind: 'real' })).toBe('real prices · simulated · KST')
  })

  test('of a coin shows its price to the last digit and no won', () => {
    const coin = {
      ...stock,
      listing: { ...stock.listing, symbol: 'APPC_20201118', name: 'APPC_20201118' },
      utcOffsetMinutes: 0,
    }
    const embed = alertEmbed(
      { ...alertView, stock: coin, minute: { ...unusual, bar: { ...unusual.bar, close: 0.00000123 } } },
      en,
    )
    expect(JSON.stringify(embed)).toContain('**0.00000123**')
    expect(JSON.stringify(embed)).not.toContain('₩')
    expect(embed.title).toBe('APPC_20201118 · Mon 3 Aug 01:41')
  })

  test('passes on what the exchange has said about the stock', () => {
    const warned = { ...stock, listing: { ...stock.listing, warnings: ['투자경고', '단기과열'] } }
    const field = { name: '거래소 지정', value: '투자경고, 단기과열' }
    expect(alertEmbed({ ...alertView, stock: warned }, ko).fields).toContainEqual(field)
    expect(summaryEmbed({ ...summaryView, stock: warned }, ko).fields).toContainEqual(field)
  })

  test('keeps a name from becoming formatting', () => {
    const odd = { ...stock, listing: { ...stock.listing, name: '`~~x~~`' } }
    expect(alertEmbed({ ...alertView, stock: odd }, ko).title).toBe('\\`\\~\\~x\\~\\~\\`(038530) · 8월 3일 (월) 10:41')
  })
})

describe('volatility interruptions', () => {
  const shownOf = (interruptions: readonly (typeof interruption)[], texts = ko) =>
    chartEmbed({ ...chartView, interruptions }, texts).fields?.map(({ value }) => value)

  test('stand in an alert and under a chart, and not where there were none', () => {
    const field = { name: '변동성완화장치(VI)', value: '정적 10:41:26–10:43:36 · 발동가 5,210원 · 오늘 3번째' }
    const interruptions = [interruption]
    expect(chartEmbed({ ...chartView, interruptions }, ko).fields).toEqual([field])
    expect(alertEmbed({ ...alertView, interruptions }, ko).fields?.at(-2)).toEqual(field)
    expect(alertEmbed({ ...alertView, interruptions }, en).fields?.at(-2)).toEqual({
      name: 'Volatility interruption (VI)',
      value: 'static 10:41:26–10:43:36 · trigger price ₩5,210 · no. 3 today',
    })
    expect(chartEmbed(chartView, ko).fields).toEqual([])
    expect(alertEmbed(alertView, ko).fields?.map(({ name }) => name)).not.toContain(field.name)
  })

  test('are open-ended while they go on; a release that was never heard of is said to be missing', () => {
    const open = { ...interruption, releasedAt: null, ongoing: true }
    expect(shownOf([open])).toEqual(['정적 10:41:26– · 발동가 5,210원 · 오늘 3번째'])
    expect(shownOf([{ ...open, ongoing: false }])).toEqual([
      '정적 10:41:26–(해제 시각 미수신) · 발동가 5,210원 · 오늘 3번째',
    ])
  })

  test('of another day name it', () => {
    const earlier = [{ ...interruption, today: false }]
    expect(shownOf(earlier)).toEqual(['정적 8월 3일 (월) 10:41:26–10:43:36 · 발동가 5,210원 · 그날 3번째'])
    expect(shownOf(earlier, en)).toEqual([
      'static Mon 3 Aug 10:41:26–10:43:36 · trigger price ₩5,210 · no. 3 of that day',
    ])
  })

  test('say no more than the venue did', () => {
    expect(shownOf([{ ...interruption, type: null, triggerPrice: null, count: null }])).toEqual(['10:41:26–10:43:36'])
  })

  test('are three lines at most, the newest ones', () => {
    const four = [1, 2, 3, 4].map((count) => ({ ...interruption, count }))
    const lines = shownOf(four)?.[0]?.split('\n')
    expect(lines?.map((line) => line.slice(-3))).toEqual(['2번째', '3번째', '4번째'])
  })
})

describe('answers', () => {
  test('a summary tells what was learned and the three most unusual minutes', () => {
    const embed = summaryEmbed(summaryView, ko)
    expect(embed.fields).toEqual([
      { name: '배운 기록', value: '분봉 7,620개 · 20거래일' },
      { name: '8월 3일 (월) 가장 이례적인 1분', value: '**10:41** +4.2% · 거래량 34배 · 7,620분 중 3위 · 이상' },
    ])
  })

  test('a summary tells the segment and whether Nextrade trades the stock, where the source says so', () => {
    const line = (nxtTradable: boolean | null, market = 'KOSDAQ', texts = ko) =>
      summaryEmbed({ ...summaryView, stock: { ...stock, listing: { ...stock.listing, market, nxtTradable } } }, texts)
        .description
    expect(line(true)).toBe('코스닥 · 넥스트레이드(NXT)에서도 거래')
    expect(line(false, 'KOSPI')).toBe('코스피 · KRX에서만 거래')
    expect(line(null)).toBeUndefined()
    expect(line(true, 'KOSDAQ', en)).toBe('KOSDAQ · also traded on Nextrade (NXT)')
    expect(line(false, '', en)).toBe('traded on KRX only')
  })

  test('a summary while learning says N of M minutes and guesses nothing', () => {
    const embed = summaryEmbed({ ...summaryView, learning: { have: 120, need: 1_440 } }, en)
    expect(embed.description).toContain('120 of 1,440 minutes')
    expect(embed.fields).toHaveLength(1)
  })

  test('an empty watchlist says how to begin; a paused one says why it is quiet', () => {
    expect(watchlistEmbed([], [], false, ko).description).toContain('/watch 038530')
    const embed = watchlistEmbed([watchlistEntry], [{ market: 'kosdaq', stocks: 1_700 }], true, en)
    expect(embed.description).toContain('Alerts are paused')
    expect(embed.description).toContain('**K-BIO (038530)** ₩5,200 (10:42)')
    expect(embed.description).toContain('**all of KOSDAQ** · 1,700 stocks')
  })

  test('a long watchlist counts what it leaves out', () => {
    const entries = Array.from({ length: 200 }, () => watchlistEntry)
    expect(watchlistEmbed(entries, [], false, en).description).toMatch(/and \d+ more$/)
  })

  test('centers show size, share and what is typical in percent and multiples, and from where a minute is abnormal or an alert', () => {
    const embed = centersEmbed(centersView, en)
    expect(embed.fields?.[2]?.name).toBe('3 · 10 minutes (0.13%) · abnormal')
    expect(embed.fields?.[2]?.value).toBe('typically ±4.1% on 34× the usual volume')
    expect(embed.fields?.[3]).toEqual({
      name: 'Abnormal begins at',
      value: 'within a minute: ±1.8% on usual volume, ±0.9% on ten times it',
    })
    expect(embed.fields?.[4]?.value).toBe('within a minute: ±3% on usual volume, ±1.5% on ten times it')
    const used = centersView.thresholds.map((each) => ({ ...each, alert: null }))
    expect(centersEmbed({ ...centersView, thresholds: used }, en).fields?.[4]?.value).toBe(en.centers.noAlertsLeft)
  })

  test('raw centers are the model’s own numbers, and the seed mode says why alerts do not use it', () => {
    const embed = centersEmbed(centersView, en, true)
    expect(embed.fields?.[2]?.value).toContain('surge **14**')
    expect(embed.fields?.map(({ name }) => name)).toContain(en.centers.inertia)
    expect(embed.fields?.map(({ name }) => name)).not.toContain(en.centers.abnormalFrom)
    expect(centersEmbed({ ...centersView, features: 'seed', judging: false }, en).description).toContain(
      'alerts do not use it',
    )
  })

  test('of clusters it says what becomes of a minute in the abnormal one, and nothing of that where they judge nothing', () => {
    expect(centersEmbed(centersView, ko).description).toContain(ko.centers.modelNote)
    const other = centersEmbed({ ...centersView, judging: false }, ko).description
    expect(other).not.toContain(ko.centers.modelNote)
    expect(other).not.toContain(ko.centers.changesNote)
    expect(centersEmbed({ ...centersView, features: 'seed', judging: true }, ko).description).toContain(ko.changes.note)
  })

  test('history marks what an older model judged', () => {
    const minute = { ...unusual, older: true }
    const [sent, dropped] = historyView.episodes
    const lines = (texts: typeof ko) =>
      historyEmbed({ ...historyView, episodes: [{ ...sent!, minute }, dropped!] }, texts)
        .description?.split('\n')
        .filter((line) => line.startsWith('-#'))
    expect(lines(ko)).toEqual(['-# 알림 올림 · 예전 모델의 판단', '-# 기록만 · 이 채널의 알림 기준에 못 미침'])
    expect(lines(en)?.[0]).toBe('-# posted · judged by an older model')
  })

  test('history says what was posted and why the rest was not', () => {
    const { description } = historyEmbed(historyView, en)
    expect(description).toContain('-# posted')
    expect(description).toContain('-# kept only · not odd enough for this channel’s number of alerts')
    expect(historyEmbed({ ...historyView, episodes: [] }, ko).description).toBe(ko.history.empty)
    const many = <T>(episodes: readonly T[]) => Array.from({ length: 200 }, () => episodes[0]!)
    for (const { description } of [
      historyEmbed({ ...historyView, episodes: many(historyView.episodes) }, ko),
      changesHistoryEmbed({ ...changesHistoryView, episodes: many(changesHistoryView.episodes) }, ko),
    ])
      expect(description).toMatch(/그 밖에 \d+건$/)
  })

  test('a chart without bars says so', () => {
    expect(chartEmbed({ ...chartView, span: { bars: [], usual: [] } }, ko).description).toBe(ko.chart.empty)
    expect(chartEmbed(chartView, ko).description).toBe('09:42–10:42 · 5,200원 (+4.0%)')
    expect(span.bars).toHaveLength(60)
  })

  test('sensitivity says what to expect of the stocks watched here beside what came', () => {
    const view = {
      alertsPerDay: 6,
      changed: true,
      stocks: 2,
      expected: 1.2,
      most: 18,
      realised: { sessions: 5, perDay: 1.4 },
      wasPerWeek: null,
      convertedTo: 6,
    }
    const embed = sensitivityEmbed(view, en)
    expect(embed.description).toBe(en.sensitivity.set('6'))
    expect(embed.fields?.map(({ value }) => value)).toEqual([
      'about **1.2 a day** for 2 stocks · never more than 18',
      '1.4 a day over 5 sessions',
    ])
    expect(sensitivityEmbed({ ...view, changed: false, realised: null, wasPerWeek: 3 }, ko).description).toBe(
      '지금은 채널 전체에 하루 6번쯤입니다.\n이제 알림 수는 채널 전체의 하루 기준입니다. 종목마다 일주일에 3번이던 것이 하루 6번이 되었습니다.',
    )
  })

  test('help names every command and gives no advice', () => {
    const embed = helpEmbed(en)
    expect(embed.fields?.[1]?.value.match(/`\/\w+`/g)).toEqual(
      ['watch', 'unwatch', 'watchlist', 'centers', 'history', 'chart', 'sensitivity', 'language', 'help'].map(
        (name) => `\`/${name}\``,
      ),
    )
    expect(JSON.stringify(embed)).toContain('no advice')
    expect(JSON.stringify(helpEmbed(ko))).toContain('k-means')
  })
})
