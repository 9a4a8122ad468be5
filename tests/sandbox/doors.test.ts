import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await openSandbox({ port: 0 })
})
afterEach(() => sandbox.close())

const host = () => new URL(sandbox.url).host
const status = (
  headers: Record<string, string>,
  method = 'POST',
  path = `/api/v10/channels/${sandbox.alertsChannelId}/messages`,
) =>
  new Promise<number>((done, fail) => {
    const sent = request(
      {
        port: Number(new URL(sandbox.url).port),
        host: '127.0.0.1',
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        response.resume()
        done(response.statusCode ?? 0)
      },
    )
    sent.on('error', fail)
    sent.end(method === 'POST' ? '{"content":"hello"}' : undefined)
  })

test.for<[string, () => Record<string, string>, number]>([
  ['a program on this machine', () => ({}), 200],
  ['the page itself', () => ({ origin: sandbox.url }), 200],
  [
    'the page under the name localhost',
    () => ({ host: host().replace('127.0.0.1', 'localhost'), origin: sandbox.url.replace('127.0.0.1', 'localhost') }),
    200,
  ],
  ['another website', () => ({ origin: 'https://evil.example' }), 403],
  ['another port of this machine', () => ({ origin: 'http://127.0.0.1:1' }), 403],
  ['a sandboxed frame', () => ({ origin: 'null' }), 403],
  ['a name that was bound to 127.0.0.1', () => ({ host: 'evil.example', origin: 'http://evil.example' }), 403],
  [
    'a request that the browser calls cross-site',
    () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }),
    403,
  ],
])('%s: writing gets %3$i', async ([, headers, expected]) => {
  expect(await status(headers())).toBe(expected)
  expect(sandbox.state.messages(sandbox.alertsChannelId)).toHaveLength(expected === 200 ? 1 : 0)
})

test('a visitor can read what a person reads, and not act as the program', async () => {
  const get = async (path: string) => (await fetch(`${sandbox.apiUrl}/v10${path}`)).status
  for (const path of [
    '/users/@me',
    '/users/@me/guilds',
    `/guilds/${sandbox.guildId}/channels`,
    `/channels/${sandbox.alertsChannelId}/messages`,
    '/gateway',
  ])
    expect([path, await get(path)]).toEqual([path, 200])
  expect(await get(`/applications/${sandbox.applicationId}/guilds/${sandbox.guildId}/commands`)).toBe(200)
  expect(await get('/gateway/bot')).toBe(401)
  expect(await status({ authorization: 'Bot wrong' })).toBe(401)
  const put = await fetch(`${sandbox.apiUrl}/v10/applications/${sandbox.applicationId}/commands`, {
    method: 'PUT',
    body: '[]',
    headers: { 'content-type': 'application/json' },
  })
  expect(put.status).toBe(401)
})

test('an uploaded page is a download, and never runs', async () => {
  const form = new FormData()
  form.set('payload_json', '{}')
  form.set('files[0]', new Blob(['<script>alert(1)</script>'], { type: 'text/html' }), 'x.html')
  const sent = await fetch(`${sandbox.apiUrl}/v10/channels/${sandbox.alertsChannelId}/messages`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bot ${sandbox.token}` },
  })
  const { attachments } = (await sent.json()) as { attachments: { url: string }[] }
  const { headers } = await fetch(attachments[0]?.url ?? '')
  expect(headers.get('content-type')).toBe('application/octet-stream')
  expect(headers.get('content-disposition')).toMatch(/^attachment/)
  expect(headers.get('content-security-policy')).toContain('sandbox')
})

/** Sends frames after HELLO and resolves with the code that closes the connection. */
const closeCode = (frames: unknown[], query = 'v=10&encoding=json', headers = {}) =>
  new Promise<number>((done, fail) => {
    const socket = new WebSocket(`${sandbox.url.replace('http', 'ws')}/gateway?${query}`, { headers })
    socket.on('message', (raw) => {
      if (JSON.parse(String(raw)).op === 10)
        for (const frame of frames) socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    })
    socket.on('close', done)
    socket.on('error', fail)
  })

test('the gateway ends bad connections with Discord’s codes', async () => {
  const identify = (more: object) => ({ op: 2, d: { token: sandbox.token, intents: 1, properties: {}, ...more } })
  expect(await closeCode([], 'v=9&encoding=json')).toBe(4012)
  expect(await closeCode(['not json'])).toBe(4002)
  expect(await closeCode([{ op: 3, d: {} }])).toBe(4003)
  expect(await closeCode([identify({ token: 'wrong' })])).toBe(4004)
  expect(await closeCode([identify({}), identify({})])).toBe(4005)
  expect(await closeCode([identify({ shard: [3, 2] })])).toBe(4010)
  expect(await closeCode([identify({ intents: 1 << 30 })])).toBe(4013)
  expect(await closeCode([identify({ intents: 1 << 15 })])).toBe(4014)
  expect(await closeCode([identify({}), { op: 99 }])).toBe(4001)
  expect(await closeCode(Array.from({ length: 121 }, () => ({ op: 1, d: null })))).toBe(4008)
  await expect(closeCode([], 'v=10', { origin: 'https://evil.example' })).rejects.toThrow('403')
})

test('more than 50 requests in a second are a global 429', async () => {
  const path = `${sandbox.apiUrl}/v10/users/@me`
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => fetch(path, { headers: { authorization: `Bot ${sandbox.token}` } })),
  )
  const refused = answers.filter((answer) => answer.status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]?.headers.get('x-ratelimit-global')).toBe('true')
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('faults do what they say', async () => {
  const get = () => fetch(`${sandbox.apiUrl}/v10/users/@me`, { headers: { authorization: `Bot ${sandbox.token}` } })
  sandbox.faults.rest({ fault: { kind: 'rate-limit', retryAfterMs: 2_000, global: true } })
  expect((await get()).headers.get('retry-after')).toBe('2')
  sandbox.faults.rest({ path: '/users', times: 2, fault: { kind: 'status', status: 502, when: 'before' } })
  expect([(await get()).status, (await get()).status, (await get()).status]).toEqual([502, 502, 200])
  sandbox.faults.rest({ fault: { kind: 'html' } })
  expect((await get()).headers.get('content-type')).toContain('text/html')
  sandbox.faults.rest({ fault: { kind: 'cut', when: 'before' } })
  await expect(get()).rejects.toThrow()
  sandbox.faults.goOffline()
  await expect(get()).rejects.toThrow()
  sandbox.faults.clear()
  expect((await get()).status).toBe(200)
})
