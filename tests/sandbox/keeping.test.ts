import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSandbox, PortError, type Sandbox } from '../../src/sandbox/index.ts'
import { picture } from './picture.ts'

let folder: string
let sandbox: Sandbox
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  sandbox = await start()
})
afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})
const start = () => openSandbox({ port: 0, statePath: folder, token: 'a-token' })
const restart = async () => {
  await sandbox.close()
  sandbox = await start()
}
const asBot = (method: string, path: string, body: object) =>
  fetch(`${sandbox.apiUrl}/v10${path}`, {
    method,
    headers: {
      authorization: `Bot ${sandbox.token}`,
      ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
    },
    body: body instanceof FormData ? body : JSON.stringify(body),
  })
const post = (content: string) => asVisitor(`/channels/${sandbox.alertsChannelId}/messages`, { content })
const asVisitor = (path: string, body: object) =>
  fetch(`${sandbox.apiUrl}/v10${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const contents = () => sandbox.state.messages(sandbox.alertsChannelId).map(({ content }) => content)

test('messages, uploads, commands, guilds and nonces survive a restart on another port', async () => {
  const form = new FormData()
  form.set(
    'payload_json',
    JSON.stringify({ embeds: [{ image: { url: 'attachment://a.png' } }], nonce: 'n', enforce_nonce: true }),
  )
  form.set('files[0]', new Blob([new Uint8Array(await picture())]), 'a.png')
  const path = `/channels/${sandbox.alertsChannelId}/messages`
  const sent = (await (await asBot('POST', path, form)).json()) as { id: string }
  await asBot('PUT', `/applications/${sandbox.applicationId}/commands`, [{ name: 'help', description: 'Help' }])
  const commands = sandbox.state.commands()
  const { guildId } = sandbox.state.addGuild({ name: 'second' })
  await restart()
  const [message] = sandbox.state.messages(sandbox.alertsChannelId)
  expect(message?.id).toBe(sent.id)
  const url = message?.embeds[0]?.image?.url ?? ''
  expect(new URL(url).origin).toBe(sandbox.url)
  expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(await picture())).toBe(true)
  expect(sandbox.state.commands()).toEqual(commands)
  expect(sandbox.state.guilds().map(({ id }) => id)).toEqual([sandbox.guildId, guildId])
  const again = (await (await asBot('POST', path, { content: 'again', nonce: 'n', enforce_nonce: true })).json()) as {
    id: string
  }
  expect(again.id).toBe(sent.id)
})

test('a last line torn by a kill is left out, and nothing else', async () => {
  await post('whole')
  await sandbox.close()
  appendFileSync(join(folder, 'journal.jsonl'), '{"kind":"message","stored":{"guil')
  sandbox = await start()
  expect(contents()).toEqual(['whole'])
  await post('after')
  await restart()
  expect(contents()).toEqual(['whole', 'after'])
})

test('a channel keeps its newest 200 messages, and the files of the others go', async () => {
  const form = new FormData()
  form.set('payload_json', JSON.stringify({ content: 'first' }))
  form.set('files[0]', new Blob([new Uint8Array([1, 2, 3])]), 'a.bin')
  await asBot('POST', `/channels/${sandbox.alertsChannelId}/messages`, form)
  expect(readdirSync(join(folder, 'files'))).toHaveLength(1)
  for (let index = 0; index < 200; index += 1) await post(String(index))
  expect(contents()).toHaveLength(200)
  expect(contents()[0]).toBe('0')
  expect(readdirSync(join(folder, 'files'))).toEqual([])
  await restart()
  expect(contents().at(-1)).toBe('199')
})

test('a state folder that is a file is named in one sentence, and the port is free again', async () => {
  const path = join(folder, 'journal.jsonl')
  expect(existsSync(path)).toBe(true)
  const { port } = new URL(sandbox.url)
  await sandbox.close()
  await expect(openSandbox({ port: Number(port), statePath: path })).rejects.toThrow(
    `The local Discord cannot use its folder ${path} (`,
  )
  sandbox = await openSandbox({ port: Number(port), statePath: folder })
  expect(new URL(sandbox.url).port).toBe(port)
})

test('a port that somebody has is named in one sentence', async () => {
  const port = Number(new URL(sandbox.url).port)
  const error = await openSandbox({ port }).catch((refusal: unknown) => refusal)
  expect(error).toBeInstanceOf(PortError)
  expect((error as Error).message).toMatch(new RegExp(`^SANDBOX_PORT: port ${port} .*already in use.*another port`))
})
