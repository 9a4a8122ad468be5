/**
 * A local Discord in a process of its own, behind an edge that can refuse uploads, answer them early and hang, as
 * Discord's edge does. The parent controls it with IPC messages: `{ call: ['state', 'deny'], args: [...] }` calls the
 * local Discord, and `{ edge: {...} }` sets the faults of the edge.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openSandbox } from '../../src/sandbox/index.ts'
import type { Edge } from './discord-process.ts'

const sandbox = await openSandbox({ port: 0 })
const target = new URL(sandbox.url)
let edge: Edge = {}
const MESSAGES = /\/channels\/(\d+)\/messages$/

const answerEarly = (incoming: IncomingMessage, answer: ServerResponse): boolean => {
  const channel = MESSAGES.exec(incoming.url ?? '')?.[1]
  if (incoming.method !== 'POST' || channel === undefined) return false
  if (edge.hangs === channel) return true
  const refusal = edge.refusals?.shift()
  if (refusal === undefined) return false
  // The upload is not read: the answer is sent, and then the connection ends.
  answer.writeHead(refusal.status, {
    'content-type': refusal.type ?? 'application/json',
    connection: 'close',
    ...refusal.headers,
  })
  answer.end(refusal.body ?? '{}')
  setTimeout(() => incoming.destroy(), 20)
  return true
}

const edgeServer = createServer((incoming, answer) => {
  if (answerEarly(incoming, answer)) return
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
edgeServer.listen(0, '127.0.0.1', () => {
  const { port } = edgeServer.address() as AddressInfo
  const { token, applicationId, guildId, alertsChannelId, generalChannelId } = sandbox
  process.send?.({
    ready: { apiUrl: `http://127.0.0.1:${port}/api`, token, applicationId, guildId, alertsChannelId, generalChannelId },
  })
})

interface Ask {
  readonly id: number
  readonly edge?: Edge
  readonly call?: readonly string[]
  readonly args?: readonly unknown[]
  readonly set?: readonly [path: readonly string[], value: unknown]
}
process.on('message', (ask: Ask) => {
  if (ask.edge) edge = ask.edge
  // biome-ignore lint/suspicious/noExplicitAny: the names come from typed calls of the parent
  const resolvePath = (path: readonly string[]) => path.reduce((at: any, name) => at[name], sandbox)
  if (ask.set) resolvePath(ask.set[0].slice(0, -1))[ask.set[0].at(-1)!] = ask.set[1]
  let result: unknown = null
  if (ask.call) result = resolvePath(ask.call.slice(0, -1))[ask.call.at(-1)!](...(ask.args ?? []))
  process.send?.({ id: ask.id, result: result ?? null })
})
process.on('disconnect', () => process.exit())
