import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Charts } from '../../../src/bot/charts/charts.ts'
import { createAlertMail, type Outbox } from '../../../src/bot/deliver/alerts.ts'
import type { Delivery } from '../../../src/bot/deliver/delivery.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import type { PostRecord } from '../../../src/pipeline/store/records.ts'
import type { AlertView, Read } from '../../../src/pipeline/views/views.ts'
import { type DiscordSetup, openDiscordSetup } from '../discord-setup.ts'
import { charts, settingsOf, silent } from '../stubs.ts'
import { alertView, episode, MINUTE_OF_ALERT } from '../views.ts'
import { openOutbox, startDelivery } from './setup.ts'

let setup: DiscordSetup
let posts: Awaited<ReturnType<typeof openOutbox>>
let delivery: Delivery | null = null
/** Our clock, moved by hand. */
let clock = 0
beforeEach(async () => {
  setup = await openDiscordSetup()
  posts = await openOutbox()
  clock = 1_000_000
})
afterEach(async () => {
  await delivery?.close()
  delivery = null
  await posts.close()
  await setup.close()
})

/** A post that the alerts channel is owed. */
const owed = (part: Partial<PostRecord> = {}): Partial<PostRecord> => ({
  channelId: setup.sandbox.alertsChannelId,
  guildId: setup.sandbox.guildId,
  ...part,
})

interface Parts {
  readonly outbox?: Outbox
  readonly answers?: Partial<Read>
  readonly charts?: Charts
}

const start = ({ outbox = posts.outbox, answers = {}, charts: drawing = charts }: Parts = {}) => {
  const now = () => clock
  const started = startDelivery({
    discord: setup.discord,
    mailOf: (read) => createAlertMail({ outbox, read, charts: drawing, log: silent, now }),
    answers,
    now,
  })
  delivery = started.delivery
  return started
}

const messages = (channelId = setup.sandbox.alertsChannelId) => setup.sandbox.state.messages(channelId)
const requests = (method: string, path: RegExp) =>
  setup.sandbox.state.requests().filter((one) => one.method === method && path.test(one.path)).length
const MESSAGES = /\/channels\/\d+\/messages$/

describe('a post', () => {
  test('goes out with its line, embed and picture, and is stored as sent', async () => {
    await posts.owe(owed())
    await start().delivery.pass()
    const [message] = messages()
    expect(message?.content).toBe('038530 케이바이오 +4.2% · 거래량 34배 · 10:41 · SIMULATED')
    expect(message?.embeds[0]?.footer?.text).toContain('SIMULATED')
    const picture = await fetch(message?.embeds[0]?.image?.url ?? '')
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(await posts.post('post-1')).toMatchObject({
      state: 'sent',
      messageId: message?.id,
      shownRevision: 1,
      sentAt: clock,
    })
  })

  test('speaks the language of its channel', async () => {
    const answers = {
      settings: async (channelId: string, guildId: string) => ({
        ...settingsOf(channelId, guildId),
        locale: 'en' as const,
      }),
    }
    await posts.owe(owed())
    await start({ answers }).delivery.pass()
    expect(messages()[0]?.content).toContain('volume 34×')
  })

  test('is edited in place as its episode grows, with one picture, until it has calmed', async () => {
    await posts.owe(owed())
    let view: AlertView = alertView
    const { delivery } = start({ answers: { alert: async () => view } })
    await delivery.pass()
    view = { ...alertView, episode: { ...episode, signals: 4, endedAt: MINUTE_OF_ALERT + 20 * MINUTE } }
    await posts.grow()
    await posts.grow()
    await delivery.pass()
    const [message, ...others] = messages()
    expect(others).toEqual([])
    expect(message?.edited_timestamp).not.toBeNull()
    expect(message?.embeds[0]?.fields?.at(-1)?.value).toBe('11:01에 진정 · 이상 분봉 4개')
    expect(message?.embeds[0]?.image?.url).toContain('alert.png')
    expect(message?.attachments).toEqual([])
    expect((await posts.post('post-1')).shownRevision).toBe(3)
    await delivery.pass()
    expect(requests('PATCH', /messages/)).toBe(1)
  })

  test('that rises answers the alert', async () => {
    await posts.owe(owed(), owed({ id: 'post-2', kind: 'rise', nonce: 'nonce-of-post-2' }))
    await start().delivery.pass()
    const [alert, rise] = messages()
    expect(rise?.message_reference?.message_id).toBe(alert?.id)
    expect(rise?.content).toContain('더 강해짐')
  })

  test('that rises waits for an alert that could not be posted yet', async () => {
    await posts.owe(
      owed({ id: 'post-2', kind: 'rise', nonce: 'nonce-of-post-2', createdAt: MINUTE_OF_ALERT - 1 }),
      owed(),
    )
    const { delivery } = start()
    await delivery.pass()
    expect([(await posts.post('post-1')).state, (await posts.post('post-2')).state]).toEqual(['sent', 'pending'])
    await delivery.pass()
    expect(messages()[1]?.message_reference?.message_id).toBe(messages()[0]?.id)
  })

  test('without a picture is better than none', async () => {
    const broken = { png: () => Promise.reject(new Error('no canvas')) }
    await posts.owe(owed())
    await start({ charts: broken }).delivery.pass()
    expect(messages()[0]?.embeds[0]?.title).toContain('케이바이오')
    expect(messages()[0]?.embeds[0]?.image).toBeUndefined()
  })

  test('whose new picture cannot be drawn loses the old one, which would show another minute', async () => {
    await posts.owe(owed())
    let broken = false
    const drawn: Charts = { png: (chart) => (broken ? Promise.reject(new Error('no canvas')) : charts.png(chart)) }
    const { delivery } = start({ charts: drawn })
    await delivery.pass()
    broken = true
    await posts.grow()
    await delivery.pass()
    expect((await posts.post('post-1')).shownRevision).toBe(2)
    expect(messages()[0]?.embeds[0]?.image).toBeUndefined()
    expect(messages()[0]?.attachments).toEqual([])
  })

  test('that is new goes before the edits of old ones', async () => {
    await posts.owe(owed())
    const { delivery } = start()
    await delivery.pass()
    await posts.grow()
    await posts.owe(owed({ id: 'post-2', episodeId: 'other', nonce: 'nonce-of-post-2' }))
    const before = setup.sandbox.state.requests().length
    await delivery.pass()
    expect(
      setup.sandbox.state
        .requests()
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(['POST', 'PATCH'])
  })

  test('goes out once when passes overlap', async () => {
    await posts.owe(owed())
    const { delivery } = start()
    await Promise.all([delivery.pass(), delivery.pass(), delivery.pass()])
    expect(requests('POST', MESSAGES)).toBe(1)
  })

  test('that cannot be put together holds up no other, and is tried again later', async () => {
    await posts.owe(owed(), owed({ id: 'post-2', episodeId: 'other', nonce: 'nonce-of-post-2' }))
    let broken = true
    const alert = async (one: PostRecord) =>
      one.id === 'post-1' && broken ? Promise.reject(new Error('database is away')) : alertView
    const { delivery } = start({ answers: { alert } })
    await delivery.pass()
    expect([(await posts.post('post-1')).state, (await posts.post('post-2')).state]).toEqual(['pending', 'sent'])
    broken = false
    clock += 60_000
    await delivery.pass()
    expect((await posts.post('post-1')).state).toBe('sent')
  })

  test('about something that is gone is dropped', async () => {
    await posts.owe(owed())
    await start({ answers: { alert: async () => null } }).delivery.pass()
    expect(await posts.post('post-1')).toMatchObject({ state: 'dropped', reason: 'gone' })
  })
})

describe('a minute that is old', () => {
  const later = (minutes: number) => ({ now: () => MINUTE_OF_ALERT + MINUTE + minutes * MINUTE })

  test('is not posted any more', async () => {
    await posts.owe(owed())
    await start({ answers: later(10.5) }).delivery.pass()
    expect(await posts.post('post-1')).toMatchObject({ state: 'dropped', reason: 'stale' })
    expect(requests('POST', MESSAGES)).toBe(0)
  })

  test('is still edited when its message is there', async () => {
    await posts.owe(owed())
    let now = MINUTE_OF_ALERT + MINUTE
    const { delivery } = start({ answers: { now: () => now } })
    await delivery.pass()
    now += 30 * MINUTE
    await posts.grow()
    await delivery.pass()
    expect(await posts.post('post-1')).toMatchObject({ state: 'sent', shownRevision: 2 })
  })
})

describe('when nobody knows whether a post arrived', () => {
  test('a socket that was cut after the post leaves one message', async () => {
    const fault = setup.sandbox.faults.rest({ method: 'POST', path: MESSAGES, fault: { kind: 'cut', when: 'after' } })
    await posts.owe(owed())
    await start().delivery.pass()
    expect(fault.hits).toBe(1)
    expect(messages()).toHaveLength(1)
    expect(await posts.post('post-1')).toMatchObject({ state: 'sent', messageId: messages()[0]?.id })
  })

  test('a server that fails after every post leaves one message, found again by a later pass, however old its minute is', async () => {
    const fault = setup.sandbox.faults.rest({
      method: 'POST',
      path: MESSAGES,
      times: 1_000,
      fault: { kind: 'status', status: 500, when: 'after' },
    })
    await posts.owe(owed())
    let now = MINUTE_OF_ALERT + MINUTE
    const { delivery } = start({ answers: { now: () => now } })
    await delivery.pass()
    expect((await posts.post('post-1')).state).toBe('pending')
    const tried = fault.hits
    await delivery.pass()
    expect(fault.hits).toBe(tried) // the channel waits before the next try
    fault.remove()
    clock += 30_000
    now += 11 * MINUTE
    await delivery.pass()
    expect(messages()).toHaveLength(1)
    expect(await posts.post('post-1')).toMatchObject({ state: 'sent', messageId: messages()[0]?.id })
  })

  test('one that cannot be stored as sent is tried again and still is one message', async () => {
    await posts.owe(owed())
    let failures = 1
    const sent: Outbox['sent'] = async (...given) => {
      if (failures-- > 0) throw new Error('database is away')
      await posts.outbox.sent(...given)
    }
    await start({ outbox: { ...posts.outbox, sent } }).delivery.pass()
    expect(messages()).toHaveLength(1)
    expect((await posts.post('post-1')).state).toBe('sent')
  })
})

describe('a channel that the bot may not write to', () => {
  test('is paused, its admins are informed once, and it goes on when the permission is back', async () => {
    const { state, alertsChannelId } = setup.sandbox
    state.deny(alertsChannelId, 'SendMessages')
    await posts.owe(owed())
    const { delivery, settings } = start()
    await delivery.pass()
    clock += 24 * 60 * MINUTE
    await delivery.pass()
    expect((await posts.post('post-1')).state).toBe('pending')
    expect(settings.get(alertsChannelId)?.pausedReason).toBe('permission')
    expect(requests('POST', MESSAGES)).toBe(2)
    expect(requests('POST', /\/users\/@me\/channels$/)).toBe(1)

    state.allow(alertsChannelId, 'SendMessages')
    await expect.poll(() => delivery.pass().then(async () => (await posts.post('post-1')).state)).toBe('sent')
    expect(settings.get(alertsChannelId)?.pausedReason).toBeNull()
  })

  test('is reported where those who run the guild read, in the language of the channel', async () => {
    const { state, alertsChannelId, generalChannelId, guildId } = setup.sandbox
    const guild = setup.discord.client.guilds.cache.get(guildId)
    if (!guild) throw new Error('no guild')
    guild.systemChannelId = generalChannelId
    state.deny(alertsChannelId, 'AttachFiles')
    await posts.owe(owed())
    const { delivery } = start()
    await delivery.pass()
    expect(messages(generalChannelId).map(({ content }) => content)).toEqual([
      `<#${alertsChannelId}>에 알림을 올릴 권한이 없어 멈췄습니다. 채널 보기, 메시지 보내기, 링크 첨부, 파일 첨부 권한을 주면 저절로 다시 시작합니다.`,
    ])
  })

  test('is not asked again before its time', async () => {
    setup.sandbox.state.deny(setup.sandbox.alertsChannelId, 'ViewChannel')
    await posts.owe(owed())
    const { delivery } = start()
    await delivery.pass()
    clock += 30_000
    await delivery.pass()
    expect(requests('POST', MESSAGES)).toBe(1)
  })

  test('does not hold up the others', async () => {
    const { state, alertsChannelId, generalChannelId } = setup.sandbox
    state.deny(alertsChannelId, 'SendMessages')
    await posts.owe(owed(), owed({ id: 'post-2', channelId: generalChannelId, nonce: 'nonce-of-post-2' }))
    await start().delivery.pass()
    expect((await posts.post('post-2')).state).toBe('sent')
  })
})

describe('what is gone is forgotten', () => {
  test('a channel, as soon as Discord says so, and its posts with it', async () => {
    await posts.owe(owed())
    const { delivery, watching } = start()
    setup.sandbox.state.removeChannel(setup.sandbox.alertsChannelId)
    await expect.poll(() => watching.forgotten).toEqual([setup.sandbox.alertsChannelId])
    await delivery.pass()
    expect(await posts.post('post-1')).toMatchObject({ state: 'dropped', reason: 'gone' })
  })

  test('a guild that the bot was put out of, but not one with an outage', async () => {
    const { guildId, channelIds } = setup.sandbox.state.addGuild({ name: 'second', channels: ['alerts'] })
    const { client } = setup.discord
    await expect.poll(() => client.guilds.cache.has(guildId)).toBe(true)
    await posts.owe(owed({ guildId, channelId: channelIds[0]! }))
    const { delivery, watching } = start()

    setup.sandbox.state.setGuildAvailable(guildId, false)
    await expect.poll(() => client.guilds.cache.get(guildId)?.available).toBe(false)
    await delivery.pass()
    expect(watching.forgotten).toEqual([])
    expect((await posts.post('post-1')).state).toBe('pending')

    setup.sandbox.state.setGuildAvailable(guildId, true)
    await expect.poll(() => client.guilds.cache.get(guildId)?.available).toBe(true)
    await delivery.pass()
    expect((await posts.post('post-1')).state).toBe('sent')

    setup.sandbox.state.removeGuild(guildId)
    await expect.poll(() => watching.forgotten).toEqual([guildId])
  })

  test('a message that somebody deleted is not written again', async () => {
    await posts.owe(owed())
    const { delivery } = start()
    await delivery.pass()
    const id = (await posts.post('post-1')).messageId
    await setup.discord.client.rest.delete(`/channels/${setup.sandbox.alertsChannelId}/messages/${id}`)
    await posts.grow()
    await delivery.pass()
    expect(await posts.post('post-1')).toMatchObject({ state: 'dropped', reason: 'deleted' })
    expect(messages()).toEqual([])
  })
})

test('what Discord rejects is dropped and not sent again', async () => {
  await posts.owe(owed({ nonce: 'a nonce of more than twenty-five characters' }))
  const { delivery } = start()
  await delivery.pass()
  await delivery.pass()
  expect(await posts.post('post-1')).toMatchObject({ state: 'dropped', reason: 'rejected' })
  expect(requests('POST', MESSAGES)).toBe(1)
})

test('a refused token stops every call', async () => {
  setup.sandbox.faults.tokenRevoked = true
  const { generalChannelId } = setup.sandbox
  await posts.owe(
    owed(),
    owed({ id: 'post-2', nonce: 'nonce-of-post-2' }),
    owed({ id: 'post-3', nonce: 'nonce-of-post-3', channelId: generalChannelId }),
  )
  const { delivery } = start()
  await delivery.pass()
  const before = setup.sandbox.state.requests().length
  await delivery.pass()
  expect(setup.sandbox.state.requests().length).toBe(before)
  expect((await posts.post('post-1')).state).toBe('pending')
})

test('a rate limit is waited for, in order, and nothing is lost or doubled', async () => {
  const ids = Array.from({ length: 7 }, (_, i) => `post-${i}`)
  await posts.owe(...ids.map((id) => owed({ id, episodeId: `e-${id}`, nonce: `nonce-${id}` })))
  const { delivery } = start()
  await delivery.pass()
  expect(messages()).toHaveLength(5) // a pass posts at most five messages in one channel
  await delivery.pass()
  expect(messages()).toHaveLength(7)
  const sent = await Promise.all(ids.map(posts.post))
  expect(sent.map(({ messageId }) => messageId)).toEqual(messages().map(({ id }) => id))
})
