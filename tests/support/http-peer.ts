import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A fault of one answer. */
export type Fault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** A consent or error page with status 200. */
  | { readonly kind: 'html' }
  /** The right answer, cut off in the middle. */
  | { readonly kind: 'truncated' }
  /** No answer until the client gives up. */
  | { readonly kind: 'slow' }
  /** The connection ends without an answer. */
  | { readonly kind: 'cut' }

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface SeenRequest {
  readonly url: URL
  readonly at: number
}

export interface Peer {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Makes the next requests go wrong, in this order. */
  fail(...faults: Fault[]): void
  close(): Promise<void>
}

/** A loopback HTTP server that answers JSON, remembers what it was asked, and misbehaves on demand. */
export const startPeer = async (answer: (url: URL, request: IncomingMessage) => Answer): Promise<Peer> => {
  const requests: SeenRequest[] = []
  const faults: Fault[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://peer')
    requests.push({ url, at: performance.now() })
    const fault = faults.shift()
    const { status, body } = answer(url, request)
    const json = JSON.stringify(body)
    if (fault?.kind === 'slow') return
    if (fault?.kind === 'cut') {
      request.socket.destroy()
      return
    }
    if (fault?.kind === 'status')
      response.writeHead(fault.status, fault.headers).end(fault.body ?? 'Too Many Requests\r\n')
    else if (fault?.kind === 'html')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>점검 중</title>')
    else if (fault?.kind === 'truncated')
      response.writeHead(200, { 'content-type': 'application/json' }).end(json.slice(0, json.length / 2))
    else response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(json)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (...more) => void faults.push(...more),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Makes a few round trips to the peer, after which a request that was sent before has arrived. */
export const roundTrips = async (peer: Peer): Promise<void> => {
  for (let trip = 0; trip < 5; trip++) await (await fetch(`${peer.url}/probe`)).text()
}
