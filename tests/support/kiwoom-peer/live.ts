import { type WebSocket, WebSocketServer } from 'ws'
import type { PeerFaults } from './faults.ts'
import { koreanStamp, type PeerStock, type PeerTick } from './market.ts'
import { tickValues } from './wire.ts'

export interface PeerRegistration {
  readonly group: string
  readonly items: readonly string[]
  readonly types: readonly string[]
  readonly code: number
  /** The real time at which it came, monotonic ms. */
  readonly at: number
}

export interface PeerInterruption {
  readonly symbol: string
  /** `정적` (static), `동적` (dynamic) or `동적+정적` (both). */
  readonly type: string
  readonly price: number
  readonly triggeredAt: number
  readonly releasedAt?: number
  readonly count: number
}

export interface LiveSettings {
  readonly stocks: ReadonlyMap<string, PeerStock>
  readonly pingMs: number
  readonly perGroup: number
  readonly perConnection: number
  /** Registrations nearer to each other than this are refused. */
  readonly registrationMs: number
  readonly tokenIsGood: (token: string | null) => boolean
  readonly faults: PeerFaults
}

interface Client {
  readonly socket: WebSocket
  loggedIn: boolean
  readonly groups: Map<string, Set<string>>
  readonly types: Set<string>
  lastRegistration: number
}

const LARGEST_FRAME = 65_536

/** The WebSocket half of the peer: login, pings, groups of registrations with their limits, trades. */
export const createPeerLive = (settings: LiveSettings) => {
  const { faults, stocks } = settings
  const server = new WebSocketServer({ noServer: true })
  const clients = new Set<Client>()
  const registrations: PeerRegistration[] = []
  const counts = { logins: 0, pongs: 0 }

  const send = (client: Client, frame: unknown) => {
    if (!faults.mute) client.socket.send(JSON.stringify(frame))
  }

  const login = (client: Client, token: unknown) => {
    counts.logins += 1
    const refusal =
      faults.loginRefusals.shift() ??
      (settings.tokenIsGood(typeof token === 'string' ? token : null)
        ? null
        : '토큰 인증에 실패했습니다. 접속을 종료합니다 [CODE=8005, MESSAGE=Token이 유효하지 않습니다]')
    if (refusal !== null) {
      send(client, { trnm: 'LOGIN', return_code: 1, return_msg: refusal })
      client.socket.close(1000, 'Bye')
      return
    }
    // One key allows one session, so the older one ends.
    for (const other of clients) if (other !== client && other.loggedIn) takeOver(other)
    client.loggedIn = true
    send(client, { trnm: 'LOGIN', return_code: 0, return_msg: '', sor_yn: 'Y' })
  }

  const takeOver = (client: Client) => {
    send(client, {
      trnm: 'SYSTEM',
      code: 'R10001',
      message: '동일한 App key로 접속이 되었습니다. 기존 세션은 종료가 됩니다',
    })
    client.socket.close(1000, 'Bye')
  }

  const refusalOf = (
    client: Client,
    group: string,
    items: readonly string[],
    at: number,
  ): { code: number; message: string } | null => {
    const odd = faults.registrations.shift()
    if (odd) return odd
    if (at - client.lastRegistration < settings.registrationMs)
      return { code: 1700, message: '허용된 요청 개수를 초과하였습니다' }
    const inGroup = new Set([...(client.groups.get(group) ?? []), ...items])
    if (inGroup.size > settings.perGroup)
      return { code: 105118, message: `그룹번호에 등록할 수 있는 허용 개수(${settings.perGroup})를 초과하였습니다` }
    const others = [...client.groups].filter(([name]) => name !== group).reduce((sum, [, set]) => sum + set.size, 0)
    if (others + inGroup.size > settings.perConnection)
      return { code: 105115, message: `실시간 등록 허용 개수(${settings.perConnection})를 초과하였습니다` }
    if (items.some((item) => faults.refuseItems.has(item))) return { code: 105101, message: '종목코드를 확인하십시오' }
    return null
  }

  const register = (client: Client, frame: Record<string, unknown>) => {
    const group = String(frame.grp_no)
    const data = frame.data as { item: string[]; type: string[] }[]
    const items = data.flatMap(({ item }) => item)
    const types = data.flatMap(({ type }) => type)
    const at = performance.now()
    const refusal = refusalOf(client, group, items, at)
    client.lastRegistration = at
    registrations.push({ group, items, types, code: refusal?.code ?? 0, at })
    if (!refusal) {
      const before = frame.refresh === '0' ? [] : (client.groups.get(group) ?? [])
      client.groups.set(group, new Set([...before, ...items]))
      for (const type of types) client.types.add(type)
    }
    send(client, { trnm: 'REG', return_code: refusal?.code ?? 0, return_msg: refusal?.message ?? '' })
  }

  const remove = (client: Client, frame: Record<string, unknown>) => {
    const odd = faults.removals.shift()
    if (odd) return send(client, { trnm: 'REMOVE', return_code: odd.code, return_msg: odd.message })
    const data = frame.data as { item: string[] }[]
    for (const item of data.flatMap((part) => part.item)) client.groups.get(String(frame.grp_no))?.delete(item)
    send(client, { trnm: 'REMOVE', return_code: 0, return_msg: '' })
  }

  server.on('connection', (socket: WebSocket) => {
    const client: Client = { socket, loggedIn: false, groups: new Map(), types: new Set(), lastRegistration: -Infinity }
    clients.add(client)
    const pinging = setInterval(() => client.loggedIn && send(client, { trnm: 'PING' }), settings.pingMs)
    socket.on('close', () => {
      clearInterval(pinging)
      clients.delete(client)
    })
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      const text = data.toString()
      if (Buffer.byteLength(text) > LARGEST_FRAME) return socket.close(1009)
      const frame = JSON.parse(text) as Record<string, unknown>
      if (frame.trnm === 'LOGIN') return login(client, frame.token)
      if (!client.loggedIn) return socket.close(1000, 'Bye')
      if (frame.trnm === 'PING') counts.pongs += 1
      else if (frame.trnm === 'REG') register(client, frame)
      else if (frame.trnm === 'REMOVE') remove(client, frame)
    })
  })

  /** The item, suffix included, under which a client has registered a stock. */
  const itemOf = (client: Client, symbol: string): string | null => {
    for (const group of client.groups.values())
      for (const item of [symbol, `${symbol}_NX`, `${symbol}_AL`]) if (group.has(item)) return item
    return null
  }

  return {
    server,
    registrations,
    counts,
    /** The items of all groups that are registered now, market-wide ones included. */
    registered: () => [...clients].flatMap((client) => [...client.groups.values()].flatMap((group) => [...group])),
    connected: () => [...clients].filter(({ loggedIn }) => loggedIn).length,
    ping() {
      for (const client of clients) if (client.loggedIn) send(client, { trnm: 'PING' })
    },
    /** Sends trades to the clients that registered them, with the faults applied, and returns the number of frames. */
    emit(ticks: readonly PeerTick[], session = '2'): number {
      let sent = 0
      for (const wanted of ticks) {
        for (const tick of faults.tick ? faults.tick(wanted) : [wanted]) {
          for (const client of clients) {
            const item = itemOf(client, tick.symbol)
            if (item === null) continue
            const values = tickValues(tick, stocks.get(tick.symbol)?.base ?? tick.price, session)
            // The order of a frame's keys is not fixed.
            send(client, { data: [{ type: '0B', name: '주식체결', item, values }], trnm: 'REAL' })
            sent += 1
          }
        }
      }
      return sent
    },
    /** Sends any REAL entry to every client that registered its type. */
    emitRaw(type: string, item: string, values: Record<string, string>) {
      for (const client of clients)
        if (client.types.has(type)) send(client, { trnm: 'REAL', data: [{ type, name: type, item, values }] })
    },
    /** Sends the market's state, as `0s` does. */
    emitMarketState(code: string, at: number) {
      this.emitRaw('0s', '', { '215': code, '20': koreanStamp(at).slice(8), '214': '000000' })
    },
    /** Sends an interruption, as `1h` does: without `releasedAt` when it is triggered, with it when it is released. */
    emitInterruption({ symbol, type, price, triggeredAt, releasedAt, count }: PeerInterruption) {
      const clock = (time: number | undefined) => (time === undefined ? '000000' : koreanStamp(time).slice(8))
      this.emitRaw('1h', '', {
        '9001': `A${symbol}`,
        '302': stocks.get(symbol)?.name ?? '',
        '9068': releasedAt === undefined ? '1' : '2',
        '1221': `-${price}`,
        '1223': clock(triggeredAt),
        '1224': clock(releasedAt),
        '1225': type,
        '1490': String(count),
      })
    },
    takeOver() {
      for (const client of clients) if (client.loggedIn) takeOver(client)
    },
    closeAll(code = 1000, reason = 'Bye') {
      for (const client of clients) client.socket.close(code, reason)
    },
    /** Sends half of a frame and cuts the line. */
    cutMidFrame() {
      for (const client of clients) {
        const payload = Buffer.from(
          JSON.stringify({
            trnm: 'REAL',
            data: [{ type: '0B', item: '005930', values: { '20': '090000', '10': '+1' } }],
          }),
        )
        const raw = (client.socket as unknown as { _socket: import('node:net').Socket })._socket
        raw.write(Buffer.concat([Buffer.from([0x81, payload.length]), payload.subarray(0, payload.length / 2)]), () =>
          raw.destroy(),
        )
      }
    },
  }
}
