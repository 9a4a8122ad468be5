/**
 * A local Discord in a process of its own, behind a door that can refuse, hang and answer early as an edge before Discord does. The parent asks for things over
 * the process's own channel: `{ call: ['state', 'deny'], args: [...] }` calls the local Discord, `{ door: {...} }` sets the door.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openSandbox } from '../../src/sandbox/index.ts'
import type { Door } from './discord-process.ts'

const sandbox = await openSandbox({ port: 0 })
const target = new URL(sandbox.url)
let door: Door = {}
const MESSAGES = /\/channels\/(\d+)\/messages$/

const early = (incoming: IncomingMessage, answer: ServerResponse): boolean => {
  const channel = MESSAGES.exec(incoming.url ?? '')?.[1]
  if (incoming.method !== 'POST' || channel === undefined) return false
  if (door.hangs === channel) return true
  const refusal = door.refusals?.shift()
  if (refusal === undefined) return false
  // The upload is not read: the answer comes, and the line ends.
  answer.writeHead(refusal.status, {
    'content-type': refusal.type ?? 'application/json',
    connection: 'close',
    ...refusal.headers,
  })
  answer.end(refusal.body ?? '{}')
  setTimeout(() => incoming.destroy(), 20)
  return true
}

const front = createServer((incoming, answer) => {
  if (early(incoming, answer)) return
  const { method, url, headers } = incoming
  const through = request(
    { host: target.hostname, port: target.port, method, path: url, headers: { ...headers, host: target.host } },
    (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answer)
    },
  )
  through.on('error', () => answer.destroy())
  incoming.pipe(through)
})
front.listen(0, '127.0.0.1', () => {
  const { port } = front.address() as AddressInfo
  const { token, applicationId, guildId, alertsChannelId, generalChannelId } = sandbox
  process.send?.({
    ready: { apiUrl: `http://127.0.0.1:${port}/api`, token, applicationId, guildId, alertsChannelId, generalChannelId },
  })
})

interface Ask {
  readonly id: number
  readonly door?: Door
  readonly call?: readonly string[]
  readonly args?: readonly unknown[]
  readonly set?: readonly [path: readonly string[], value: unknown]
}
process.on('message', (ask: Ask) => {
  if (ask.door) door = ask.door
  // biome-ignore lint/suspicious/noExplicitAny: names come from the parent's typed calls
  const place = (path: readonly string[]) => path.reduce((at: any, name) => at[name], sandbox)
  if (ask.set) place(ask.set[0].slice(0, -1))[ask.set[0].at(-1)!] = ask.set[1]
  let result: unknown = null
  if (ask.call) result = place(ask.call.slice(0, -1))[ask.call.at(-1)!](...(ask.args ?? []))
  process.send?.({ id: ask.id, result: result ?? null })
})
process.on('disconnect', () => process.exit())
