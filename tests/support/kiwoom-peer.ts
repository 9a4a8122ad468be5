import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { noFaults, type PeerFaults } from './kiwoom-peer/faults.ts'
import { createPeerLive } from './kiwoom-peer/live.ts'
import { allTicks, type PeerStock } from './kiwoom-peer/market.ts'
import { createPeerRest } from './kiwoom-peer/rest.ts'

export type { OddAnswer } from './kiwoom-peer/faults.ts'
export type { PeerInterruption } from './kiwoom-peer/live.ts'
export {
  allTicks,
  type PeerStock,
  type PeerTick,
  sessionsUpTo,
  walk,
} from './kiwoom-peer/market.ts'
export { chartRows } from './kiwoom-peer/wire.ts'

export interface PeerOptions {
  /** The peer's clock decides which trades have happened, which minute is forming, and when tokens end. */
  readonly now: () => number
  readonly stocks: readonly PeerStock[]
  readonly appKey?: string
  readonly secretKey?: string
  readonly mock?: boolean
  readonly pageRows?: number
  readonly offHoursRow?: boolean
  readonly tokenTtlMs?: number
  /** The least real time between calls of one api-id; 0 is no limit. */
  readonly perApiMs?: number
  readonly pingMs?: number
  readonly perGroup?: number
  readonly perConnection?: number
  readonly registrationMs?: number
}

/**
 * A loopback Kiwoom: REST and WebSocket on one port, with wire shapes, limits and errors as documented and recorded. It
 * shows the bars it was given, can trade them as ticks, and misbehaves as `faults` says.
 */
export const startKiwoomPeer = async (options: PeerOptions) => {
  const faults: PeerFaults = noFaults()
  const stocks = new Map(options.stocks.map((stock) => [stock.symbol, stock]))
  const rest = createPeerRest({
    now: options.now,
    stocks,
    appKey: options.appKey ?? 'peer-app-key',
    secretKey: options.secretKey ?? 'peer-secret-key',
    mock: options.mock ?? false,
    pageRows: options.pageRows ?? 900,
    offHoursRow: options.offHoursRow ?? true,
    tokenTtlMs: options.tokenTtlMs ?? 86_400_000,
    perApiMs: options.perApiMs ?? 0,
    faults,
  })
  const live = createPeerLive({
    stocks,
    pingMs: options.pingMs ?? 20_000,
    perGroup: options.perGroup ?? 100,
    perConnection: options.perConnection ?? 100,
    registrationMs: options.registrationMs ?? 0,
    tokenIsGood: rest.tokenIsGood,
    faults,
  })
  const http = createServer((request, response) => void rest.handle(request, response))
  http.on('upgrade', (request, socket, head) =>
    live.server.handleUpgrade(request, socket, head, (client) => live.server.emit('connection', client, request)),
  )
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const tickCache = new Map([...stocks.values()].map((stock) => [stock.symbol, allTicks(stock)]))

  return {
    restUrl: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}/api/dostk/websocket`,
    faults,
    rest,
    live,
    /** The trades of `[from, to)` over all stocks, in time order. */
    ticks: (from: number, to: number) =>
      [...tickCache.values()]
        .flatMap((ticks) => ticks.filter(({ time }) => time >= from && time < to))
        .sort((a, b) => a.time - b.time || a.symbol.localeCompare(b.symbol)),
    async close(): Promise<void> {
      for (const client of live.server.clients) client.terminate()
      live.server.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

export type KiwoomPeer = Awaited<ReturnType<typeof startKiwoomPeer>>
