import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Charts } from '../../../src/bot/charts/charts.ts'
import { createAlertMail, type Outbox } from '../../../src/bot/deliver/alerts.ts'
import { createChannelKeeper } from '../../../src/bot/deliver/channels.ts'
import { createDelivery, type Delivery } from '../../../src/bot/deliver/delivery.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import type { ChannelSettings, PostRecord } from '../../../src/pipeline/store/records.ts'
import type { AlertView, Read } from '../../../src/pipeline/views/views.ts'
import { charts, openStand, readStub, type Stand, settingsOf, silent, watchingStub } from '../stand.ts'
import { alertView, episode, MINUTE_OF_ALERT, post } from '../views.ts'

let stand: Stand
let delivery: Delivery | null = null
/** Our clock, moved by hand. */
let clock = 0
beforeEach(async () => {
  stand = await openStand()
  clock = 1_000_000
})
afterEach(async () => {
  await delivery?.close()
  delivery = null
  await stand.close()
})

/** Posts in memory, under the rules of the kept ones. */
const outboxOf = (...posts: PostRecord[]): Outbox & { of(id: string): PostRecord; put(post: PostRecord): void } => {
  const kept = new Map(posts.map((one) => [one.id, one]))
  const of = (id: string) => {
    const found = kept.get(id)
    if (!found) throw new Error(`no post ${id}`)
    return found
  }
  const change = (id: string, part: Partial<PostRecord>) => void kept.set(id, { ...of(id), ...part })
  return {
    of,
    put: (one) => void kept.set(one.id, one),
    due: async (perChannel) => {
      const due = [...kept.values()].filter(
        ({ state, shownRevision, wantedRevision }) =>
          state === 'pending' || (state === 'sent' && shownRevision < wantedRevision),
      )
      return [...Map.groupBy(due, ({ channelId }) => channelId).values()].flatMap((posts) => posts.slice(0, perChannel))
    },
    ofEpisode: async (episodeId) => [...kept.values()].filter((one) => one.episodeId === episodeId),
    sent: async (id, messageId, revision, sentAt) =>
      change(id, { state: 'sent', messageId, shownRevision: revision, sentAt }),
    edited: async (id, revision) => change(id, { shownRevision: revision }),
    drop: async (id, reason) => change(id, { state: 'dropped', reason }),
  }
}

const own = (part: Partial<PostRecord> = {}): PostRecord => ({
  ...post,
  channelId: stand.sandbox.alertsChannelId,
  guildId: stand.sandbox.guildId,
  ...part,
})

interface World {
  outbox: ReturnType<typeof outboxOf>
  read?: Partial<Read>
  charts?: Charts
}

/** The delivery of alerts with settings that are kept as they are saved. */
const start = ({ outbox, read = {}, charts: drawn = charts }: World) => {
  const settings = new Map<string, ChannelSettings>()
  const watching = watchingStub({ saveSettings: async (one) => void settings.set(one.channelId, one) })
  const { client } = stand.discord
  const kept = readStub({
    settings: async (channelId, guildId) => settings.get(channelId) ?? settingsOf(channelId, guildId),
    ...read,
  })
  delivery = createDelivery({
    client,
    mails: [createAlertMail({ outbox, read: kept, charts: drawn, log: silent, now: () => clock })],
    channels: createChannelKeeper({ client, read: kept, watching, log: silent }),
    tokenWorks: stand.discord.tokenWorks,
    log: silent,
    now: () => clock,
    passMs: 60_000,
  })
  return { delivery, watching, settings }
}

const messages = (channelId = stand.sandbox.alertsChannelId) => stand.sandbox.state.messages(channelId)
const requests = (method: string, path: RegExp) =>
  stand.sandbox.state.requests().filter((one) => one.method === method && path.test(one.path)).length
const MESSAGES = /\/channels\/\d+\/messages$/

describe('a post', () => {
  test('goes out with its line, embed and picture, and is kept as sent', async () => {
    const outbox = outboxOf(own())
    await start({ outbox }).delivery.pass()
    const [message] = messages()
    expect(message?.content).toBe('038530 케이바이오 +4.2% · 거래량 34배 · 10:41 · SIMULATED')
    expect(message?.embeds[0]?.footer?.text).toContain('SIMULATED')
    const picture = await fetch(message?.embeds[0]?.image?.url ?? '')
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(outbox.of('post-1')).toMatchObject({
      state: 'sent',
      messageId: message?.id,
      shownRevision: 1,
      sentAt: clock,
    })
  })

  test('speaks the language of its channel', async () => {
    const read = {
      settings: async (channelId: string, guildId: string) => ({
        ...settingsOf(channelId, guildId),
        locale: 'en' as const,
      }),
    }
    await start({ outbox: outboxOf(own()), read }).delivery.pass()
    expect(messages()[0]?.content).toContain('volume 34×')
  })

  test('is edited in place as its episode grows, with one picture, until it has calmed', async () => {
    const outbox = outboxOf(own())
    let view: AlertView = alertView
    const { delivery } = start({ outbox, read: { alert: async () => view } })
    await delivery.pass()
    view = { ...alertView, episode: { ...episode, signals: 4, endedAt: MINUTE_OF_ALERT + 20 * MINUTE } }
    outbox.put({ ...outbox.of('post-1'), wantedRevision: 3 })
    await delivery.pass()
    const [message, ...others] = messages()
    expect(others).toEqual([])
    expect(message?.edited_timestamp).not.toBeNull()
    expect(message?.embeds[0]?.fields?.at(-1)?.value).toBe('11:01에 진정 · 이상 분봉 4개')
    expect(message?.embeds[0]?.image?.url).toContain('alert.png')
    expect(message?.attachments).toEqual([])
    expect(outbox.of('post-1').shownRevision).toBe(3)
    await delivery.pass()
    expect(requests('PATCH', /messages/)).toBe(1)
  })

  test('that rises answers the alert', async () => {
    const outbox = outboxOf(own(), own({ id: 'post-2', kind: 'rise', nonce: 'nonce-of-post-2' }))
    await start({ outbox }).delivery.pass()
    const [alert, rise] = messages()
    expect(rise?.message_reference?.message_id).toBe(alert?.id)
    expect(rise?.content).toContain('더 강해짐')
  })

  test('that rises waits for an alert that could not be posted yet', async () => {
    const outbox = outboxOf(own({ id: 'post-2', kind: 'rise', nonce: 'nonce-of-post-2' }), own())
    const { delivery } = start({ outbox })
    await delivery.pass()
    expect([outbox.of('post-1').state, outbox.of('post-2').state]).toEqual(['sent', 'pending'])
    await delivery.pass()
    expect(messages()[1]?.message_reference?.message_id).toBe(messages()[0]?.id)
  })

  test('without a picture is better than none', async () => {
    const broken = { png: () => Promise.reject(new Error('no canvas')) }
    await start({ outbox: outboxOf(own()), charts: broken }).delivery.pass()
    expect(messages()[0]?.embeds[0]?.title).toContain('케이바이오')
    expect(messages()[0]?.embeds[0]?.image).toBeUndefined()
  })

  test('whose new picture cannot be drawn loses the old one, which would show another minute', async () => {
    const outbox = outboxOf(own())
    let broken = false
    const drawn: Charts = { png: (chart) => (broken ? Promise.reject(new Error('no canvas')) : charts.png(chart)) }
    const { delivery } = start({ outbox, charts: drawn })
    await delivery.pass()
    broken = true
    outbox.put({ ...outbox.of('post-1'), wantedRevision: 2 })
    await delivery.pass()
    expect(outbox.of('post-1').shownRevision).toBe(2)
    expect(messages()[0]?.embeds[0]?.image).toBeUndefined()
    expect(messages()[0]?.attachments).toEqual([])
  })

  test('that is new goes before the edits of old ones', async () => {
    const outbox = outboxOf(own())
    const { delivery } = start({ outbox })
    await delivery.pass()
    outbox.put({ ...outbox.of('post-1'), wantedRevision: 2 })
    outbox.put(own({ id: 'post-2', episodeId: 'other', nonce: 'nonce-of-post-2' }))
    const before = stand.sandbox.state.requests().length
    await delivery.pass()
    expect(
      stand.sandbox.state
        .requests()
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(['POST', 'PATCH'])
  })

  test('goes out once when passes overlap', async () => {
    const { delivery } = start({ outbox: outboxOf(own()) })
    await Promise.all([delivery.pass(), delivery.pass(), delivery.pass()])
    expect(requests('POST', MESSAGES)).toBe(1)
  })

  test('that cannot be put together holds up no other, and is tried again later', async () => {
    const outbox = outboxOf(own(), own({ id: 'post-2', episodeId: 'other', nonce: 'nonce-of-post-2' }))
    let broken = true
    const alert = async (one: PostRecord) =>
      one.id === 'post-1' && broken ? Promise.reject(new Error('database is away')) : alertView
    const { delivery } = start({ outbox, read: { alert } })
    await delivery.pass()
    expect([outbox.of('post-1').state, outbox.of('post-2').state]).toEqual(['pending', 'sent'])
    broken = false
    clock += 60_000
    await delivery.pass()
    expect(outbox.of('post-1').state).toBe('sent')
  })

  test('about something that is gone is dropped', async () => {
    const outbox = outboxOf(own())
    await start({ outbox, read: { alert: async () => null } }).delivery.pass()
    expect(outbox.of('post-1')).toMatchObject({ state: 'dropped', reason: 'gone' })
  })
})

describe('a minute that is old', () => {
  const later = (minutes: number) => ({ now: () => MINUTE_OF_ALERT + MINUTE + minutes * MINUTE })

  test('is not posted any more', async () => {
    const outbox = outboxOf(own())
    await start({ outbox, read: later(10.5) }).delivery.pass()
    expect(outbox.of('post-1')).toMatchObject({ state: 'dropped', reason: 'stale' })
    expect(requests('POST', MESSAGES)).toBe(0)
  })

  test('is still edited when its message is there', async () => {
    const outbox = outboxOf(own())
    let now = MINUTE_OF_ALERT + MINUTE
    const { delivery } = start({ outbox, read: { now: () => now } })
    await delivery.pass()
    now += 30 * MINUTE
    outbox.put({ ...outbox.of('post-1'), wantedRevision: 2 })
    await delivery.pass()
    expect(outbox.of('post-1')).toMatchObject({ state: 'sent', shownRevision: 2 })
  })
})

describe('when nobody knows whether a post arrived', () => {
  test('a socket that was cut after the post leaves one message', async () => {
    const fault = stand.sandbox.faults.rest({ method: 'POST', path: MESSAGES, fault: { kind: 'cut', when: 'after' } })
    const outbox = outboxOf(own())
    await start({ outbox }).delivery.pass()
    expect(fault.hits).toBe(1)
    expect(messages()).toHaveLength(1)
    expect(outbox.of('post-1')).toMatchObject({ state: 'sent', messageId: messages()[0]?.id })
  })

  test('a server that fails after every post leaves one message, found again by a later pass, however old the minute is by then', async () => {
    const fault = stand.sandbox.faults.rest({
      method: 'POST',
      path: MESSAGES,
      times: 1_000,
      fault: { kind: 'status', status: 500, when: 'after' },
    })
    const outbox = outboxOf(own())
    let now = MINUTE_OF_ALERT + MINUTE
    const { delivery } = start({ outbox, read: { now: () => now } })
    await delivery.pass()
    expect(outbox.of('post-1').state).toBe('pending')
    const tried = fault.hits
    await delivery.pass()
    expect(fault.hits).toBe(tried) // it waits before it asks again
    fault.remove()
    clock += 30_000
    now += 11 * MINUTE
    await delivery.pass()
    expect(messages()).toHaveLength(1)
    expect(outbox.of('post-1')).toMatchObject({ state: 'sent', messageId: messages()[0]?.id })
  })

  test('one that cannot be kept as sent is asked for again and still is one message', async () => {
    const outbox = outboxOf(own())
    let failures = 1
    const sent: Outbox['sent'] = async (...given) => {
      if (failures-- > 0) throw new Error('database is away')
      await outbox.sent(...given)
    }
    await start({ outbox: { ...outbox, sent } }).delivery.pass()
    expect(messages()).toHaveLength(1)
    expect(outbox.of('post-1').state).toBe('sent')
  })
})

describe('a channel that the bot may not write to', () => {
  test('is paused, its admins are told once, and it goes on when the permission is back', async () => {
    const { state, alertsChannelId } = stand.sandbox
    state.deny(alertsChannelId, 'SendMessages')
    const outbox = outboxOf(own())
    const { delivery, settings } = start({ outbox })
    await delivery.pass()
    clock += 24 * 60 * MINUTE
    await delivery.pass()
    expect(outbox.of('post-1').state).toBe('pending')
    expect(settings.get(alertsChannelId)?.pausedReason).toBe('permission')
    expect(requests('POST', MESSAGES)).toBe(2)
    expect(requests('POST', /\/users\/@me\/channels$/)).toBe(1)

    state.allow(alertsChannelId, 'SendMessages')
    await expect.poll(() => delivery.pass().then(() => outbox.of('post-1').state)).toBe('sent')
    expect(settings.get(alertsChannelId)?.pausedReason).toBeNull()
  })

  test('is told about where those who run the guild read, in the language of the channel', async () => {
    const { state, alertsChannelId, generalChannelId, guildId } = stand.sandbox
    const guild = stand.discord.client.guilds.cache.get(guildId)
    if (!guild) throw new Error('no guild')
    guild.systemChannelId = generalChannelId
    state.deny(alertsChannelId, 'AttachFiles')
    const { delivery } = start({ outbox: outboxOf(own()) })
    await delivery.pass()
    expect(messages(generalChannelId).map(({ content }) => content)).toEqual([
      `<#${alertsChannelId}>에 알림을 올릴 권한이 없어 멈췄습니다. 채널 보기, 메시지 보내기, 링크 첨부, 파일 첨부 권한을 주면 저절로 다시 시작합니다.`,
    ])
  })

  test('is not asked again before its time', async () => {
    stand.sandbox.state.deny(stand.sandbox.alertsChannelId, 'ViewChannel')
    const { delivery } = start({ outbox: outboxOf(own()) })
    await delivery.pass()
    clock += 30_000
    await delivery.pass()
    expect(requests('POST', MESSAGES)).toBe(1)
  })

  test('does not hold up the others', async () => {
    const { state, alertsChannelId, generalChannelId } = stand.sandbox
    state.deny(alertsChannelId, 'SendMessages')
    const outbox = outboxOf(own(), own({ id: 'post-2', channelId: generalChannelId, nonce: 'nonce-of-post-2' }))
    await start({ outbox }).delivery.pass()
    expect(outbox.of('post-2').state).toBe('sent')
  })
})

describe('what is gone is forgotten', () => {
  test('a channel, as soon as Discord says so, and its posts with it', async () => {
    const outbox = outboxOf(own())
    const { delivery, watching } = start({ outbox })
    stand.sandbox.state.removeChannel(stand.sandbox.alertsChannelId)
    await expect.poll(() => watching.forgotten).toEqual([stand.sandbox.alertsChannelId])
    await delivery.pass()
    expect(outbox.of('post-1')).toMatchObject({ state: 'dropped', reason: 'gone' })
  })

  test('a guild that the bot was put out of, but not one with an outage', async () => {
    const { guildId, channelIds } = stand.sandbox.state.addGuild({ name: 'second', channels: ['alerts'] })
    const { client } = stand.discord
    await expect.poll(() => client.guilds.cache.has(guildId)).toBe(true)
    const outbox = outboxOf(own({ guildId, channelId: channelIds[0]! }))
    const { delivery, watching } = start({ outbox })

    stand.sandbox.state.setGuildAvailable(guildId, false)
    await expect.poll(() => client.guilds.cache.get(guildId)?.available).toBe(false)
    await delivery.pass()
    expect(watching.forgotten).toEqual([])
    expect(outbox.of('post-1').state).toBe('pending')

    stand.sandbox.state.setGuildAvailable(guildId, true)
    await expect.poll(() => client.guilds.cache.get(guildId)?.available).toBe(true)
    await delivery.pass()
    expect(outbox.of('post-1').state).toBe('sent')

    stand.sandbox.state.removeGuild(guildId)
    await expect.poll(() => watching.forgotten).toEqual([guildId])
  })

  test('a message that somebody deleted is not written again', async () => {
    const outbox = outboxOf(own())
    const { delivery } = start({ outbox })
    await delivery.pass()
    const id = outbox.of('post-1').messageId
    await stand.discord.client.rest.delete(`/channels/${stand.sandbox.alertsChannelId}/messages/${id}`)
    outbox.put({ ...outbox.of('post-1'), wantedRevision: 2 })
    await delivery.pass()
    expect(outbox.of('post-1')).toMatchObject({ state: 'dropped', reason: 'deleted' })
    expect(messages()).toEqual([])
  })
})

test('what Discord rejects is dropped and not sent again', async () => {
  const outbox = outboxOf(own({ nonce: 'a nonce of more than twenty-five characters' }))
  const { delivery } = start({ outbox })
  await delivery.pass()
  await delivery.pass()
  expect(outbox.of('post-1')).toMatchObject({ state: 'dropped', reason: 'rejected' })
  expect(requests('POST', MESSAGES)).toBe(1)
})

test('a refused token stops every call', async () => {
  stand.sandbox.faults.tokenRevoked = true
  const { generalChannelId } = stand.sandbox
  const outbox = outboxOf(
    own(),
    own({ id: 'post-2', nonce: 'nonce-of-post-2' }),
    own({ id: 'post-3', channelId: generalChannelId }),
  )
  const { delivery } = start({ outbox })
  await delivery.pass()
  const before = stand.sandbox.state.requests().length
  await delivery.pass()
  expect(stand.sandbox.state.requests().length).toBe(before)
  expect(outbox.of('post-1').state).toBe('pending')
})

test('a rate limit is waited for, in order, and nothing is lost or doubled', async () => {
  const posts = Array.from({ length: 7 }, (_, i) => own({ id: `post-${i}`, episodeId: `e${i}`, nonce: `nonce-${i}` }))
  const outbox = outboxOf(...posts)
  const { delivery } = start({ outbox })
  await delivery.pass()
  expect(messages()).toHaveLength(5) // one channel does not keep the others waiting
  await delivery.pass()
  expect(messages()).toHaveLength(7)
  expect(posts.map(({ id }) => outbox.of(id).messageId)).toEqual(messages().map(({ id }) => id))
})
