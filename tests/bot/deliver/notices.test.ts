import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Delivery } from '../../../src/bot/deliver/delivery.ts'
import { createNoticeMail, wasPostedIn } from '../../../src/bot/deliver/notices.ts'
import { texts } from '../../../src/bot/locale/index.ts'
import { noticeContent } from '../../../src/bot/render/notice.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import type { Notice, NoticeBoard, Stock } from '../../../src/pipeline/views/views.ts'
import { type DiscordSetup, openDiscordSetup } from '../discord-setup.ts'
import { settingsOf } from '../stubs.ts'
import { MINUTE_OF_ALERT, stock } from '../views.ts'
import { startDelivery } from './setup.ts'

const real: Stock = { ...stock, series: 'kiwoom', provenance: { kind: 'real' } }
const other: Stock = {
  ...real,
  listing: {
    symbol: '005930',
    name: '삼성전자',
    nameEn: 'Samsung Elec',
    market: 'KOSPI',
    warnings: [],
    nxtTradable: null,
  },
}
const MESSAGES = /\/channels\/\d+\/messages$/

let setup: DiscordSetup
let notices: Delivery | null = null
/** Our clock, moved by hand. */
let clock = 0
beforeEach(async () => {
  setup = await openDiscordSetup()
  clock = 1_000_000
})
afterEach(async () => {
  await notices?.close()
  notices = null
  await setup.close()
})

const notice = (part: Partial<Notice> = {}): Notice => ({
  id: 'notice-1',
  channelId: setup.sandbox.alertsChannelId,
  guildId: setup.sandbox.guildId,
  kind: 'unanswered',
  stocks: [real],
  since: MINUTE_OF_ALERT,
  at: MINUTE_OF_ALERT + 3 * MINUTE,
  ...part,
})
const boardOf = (...given: Notice[]): NoticeBoard & { left: () => string[] } => {
  let owed = given
  return {
    owed: async () => owed,
    finished: async (id) => {
      owed = owed.filter((one) => one.id !== id)
    },
    left: () => owed.map((one) => one.id),
  }
}
const start = (board: NoticeBoard, locale: 'ko' | 'en' = 'ko', isOwn = (_guildId: string) => true) => {
  const now = () => clock
  const { delivery, watching } = startDelivery({
    discord: setup.discord,
    mailOf: (read) => createNoticeMail({ board, read, isOwn, wasPosted: wasPostedIn(setup.discord.client), now }),
    answers: { settings: async (channelId, guildId) => ({ ...settingsOf(channelId, guildId), locale }) },
    now,
  })
  notices = delivery
  return { notices, watching }
}
const contents = (channelId = setup.sandbox.alertsChannelId) =>
  setup.sandbox.state.messages(channelId).map(({ content }) => content)
const posts = () =>
  setup.sandbox.state.requests().filter((one) => one.method === 'POST' && MESSAGES.test(one.path)).length

describe('a notice', () => {
  test('is posted once, in the language of its channel', async () => {
    const board = boardOf(notice())
    const { notices } = start(board)
    await Promise.all([notices.pass(), notices.pass()])
    await notices.pass()
    expect(contents()).toEqual([
      '장중인데 10:41부터 kiwoom에서 케이바이오(038530) 분봉이 오지 않아, 봇이 계속 다시 요청하고 빈 분봉은 오는 대로 채웁니다.',
    ])
    expect(board.left()).toEqual([])
  })

  test('is posted in English where the channel is', async () => {
    await start(boardOf(notice({ kind: 'back', stocks: [real, other] })), 'en').notices.pass()
    expect(contents()).toEqual([
      'Minutes of K-BIO (038530), Samsung Elec (005930) come from kiwoom again; the gap that began at 10:41 is filled with what kiwoom had of it.',
    ])
  })

  test('goes to each of its channels', async () => {
    const { generalChannelId, alertsChannelId } = setup.sandbox
    await start(boardOf(notice(), notice({ id: 'notice-2', channelId: generalChannelId }))).notices.pass()
    expect([contents(alertsChannelId).length, contents(generalChannelId).length]).toEqual([1, 1])
  })

  test('for a guild of another process is left to it, also one that was over before it was posted', async () => {
    const elsewhere = { guildId: '1', channelId: '2' }
    const board = boardOf(
      notice(),
      notice({ ...elsewhere, id: 'notice-2' }),
      notice({ ...elsewhere, id: 'notice-3', kind: 'back' }),
    )
    const { notices, watching } = start(board, 'ko', (guildId) => guildId === setup.sandbox.guildId)
    await notices.pass()
    expect(contents()).toHaveLength(1)
    expect(board.left()).toEqual(['notice-2', 'notice-3'])
    expect(watching.forgotten).toEqual([])
  })

  test.for(['cut', 'status'] as const)(
    'that arrived before the line broke (%s) is not posted again, not even by the next start',
    async (kind) => {
      const fault =
        kind === 'cut' ? ({ kind, when: 'after' } as const) : ({ kind, status: 500, when: 'after' } as const)
      const handle = setup.sandbox.faults.rest({ method: 'POST', path: MESSAGES, times: 1_000, fault })
      const board = boardOf(notice())
      await start(board).notices.pass()
      expect(board.left()).toEqual(['notice-1'])
      handle.remove()
      await start(board).notices.pass()
      expect(contents()).toHaveLength(1)
      expect(board.left()).toEqual([])
    },
  )

  test('that may have arrived longer ago than Discord remembers is looked for before it is posted', async () => {
    const handle = setup.sandbox.faults.rest({
      method: 'POST',
      path: MESSAGES,
      times: 1_000,
      fault: { kind: 'status', status: 500, when: 'after' },
    })
    const board = boardOf(notice())
    const { notices } = start(board)
    await notices.pass()
    handle.remove()
    const before = posts()
    clock += 10 * MINUTE
    await notices.pass()
    expect(posts()).toBe(before)
    expect(contents()).toHaveLength(1)
    expect(board.left()).toEqual([])
  })

  test('is tried again when Discord was away, and not before its time', async () => {
    const handle = setup.sandbox.faults.rest({
      method: 'POST',
      path: MESSAGES,
      times: 1_000,
      fault: { kind: 'status', status: 503, when: 'before' },
    })
    const board = boardOf(notice())
    const { notices } = start(board)
    await notices.pass()
    const tried = posts()
    await notices.pass()
    expect(posts()).toBe(tried)
    handle.remove()
    clock += 5 * MINUTE
    await notices.pass()
    expect(contents()).toHaveLength(1)
    expect(board.left()).toEqual([])
  })

  test('of a silence that ended before anyone heard of it is left out, and so is its end', async () => {
    const board = boardOf(notice(), notice({ id: 'notice-2', kind: 'back' }))
    await start(board).notices.pass()
    expect(contents()).toEqual([])
    expect(board.left()).toEqual([])
  })

  test('of an outage that goes on is posted although a halt that was owed before it is over', async () => {
    const board = boardOf(
      notice({ kind: 'alone', stocks: [other] }),
      notice({ id: 'notice-2' }),
      notice({ id: 'notice-3', kind: 'back', stocks: [other] }),
    )
    await start(board).notices.pass()
    expect(contents()).toEqual([noticeContent(notice(), texts.ko)])
    expect(board.left()).toEqual([])
  })
})

describe('a channel', () => {
  test('that the bot may not write to waits, holds up no other, and gets its notice once it may', async () => {
    const { state, alertsChannelId, generalChannelId } = setup.sandbox
    state.deny(alertsChannelId, 'SendMessages')
    const board = boardOf(notice(), notice({ id: 'notice-2', channelId: generalChannelId }))
    const { notices } = start(board)
    await notices.pass()
    const tried = posts()
    await notices.pass()
    expect(posts()).toBe(tried)
    expect(contents(generalChannelId)).toHaveLength(1)
    expect(board.left()).toEqual(['notice-1'])
    state.allow(alertsChannelId, 'SendMessages')
    clock += 2 * MINUTE
    await notices.pass()
    expect(contents(alertsChannelId)).toHaveLength(1)
  })

  test('that is gone is forgotten', async () => {
    const { alertsChannelId: gone, state } = setup.sandbox
    state.removeChannel(gone)
    await expect.poll(() => setup.discord.client.channels.cache.has(gone)).toBe(false)
    const board = boardOf(notice())
    const { notices, watching } = start(board)
    await notices.pass()
    expect(watching.forgotten).toEqual([gone])
    expect(board.left()).toEqual([])
  })

  test('hears nothing through a refused token, and the notice stays owed', async () => {
    setup.sandbox.faults.tokenRevoked = true
    const board = boardOf(notice())
    const { notices } = start(board)
    await notices.pass()
    const tried = posts()
    clock += 60 * MINUTE
    await notices.pass()
    expect(posts()).toBe(tried)
    expect(board.left()).toEqual(['notice-1'])
  })
})

describe('the sentence', () => {
  const written = (part: Partial<Notice>, locale: 'ko' | 'en') => noticeContent(notice(part), texts[locale])

  test.for(['unanswered', 'empty', 'alone', 'unfilled', 'back', 'closed', 'open'] as const)(
    'of %s is one, in both languages',
    (kind) => {
      for (const locale of ['ko', 'en'] as const) {
        const text = written({ kind }, locale)
        expect(text.match(/[.?!](?=\s|$)/g)).toHaveLength(1)
        expect(text).toMatch(kind === 'closed' || kind === 'open' ? /8월 3일|3 Aug/ : /10:41/)
      }
    },
  )

  test('of stocks without any trade says that the whole market may be halted', () => {
    expect(written({ kind: 'empty' }, 'en')).toContain('market-wide halt (circuit breaker)')
    expect(written({ kind: 'empty' }, 'ko')).toContain('서킷브레이커')
  })

  test('names three stocks and counts the others', () => {
    expect(written({ stocks: [real, other, real, other, real] }, 'ko')).toContain(
      '케이바이오(038530), 삼성전자(005930), 케이바이오(038530) 외 2종목',
    )
  })

  test('names the day when it is another one', () => {
    expect(written({ since: MINUTE_OF_ALERT - 3 * 24 * 60 * MINUTE }, 'ko')).toContain('7월 31일 (금) 10:41')
  })

  test('of a market that is not the real one says so', () => {
    expect(written({ stocks: [stock] }, 'en')).toMatch(/ · SIMULATED$/)
  })
})
