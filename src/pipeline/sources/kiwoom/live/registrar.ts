import type { Log } from '../../../../log.ts'
import type { KiwoomTimings } from '../timings.ts'
import { sleep } from '../wait.ts'
import type { Connection } from './connection.ts'

/**
 * The server's limits, as far as it has shown them. They outlive a connection, so that no refusal is provoked twice.
 */
export interface RegistrationLimits {
  /** The most stocks on a connection. */
  items: number
  /** The most stocks in one group. */
  group: number
  /** Stocks that the server refuses even alone. */
  readonly refused: Set<string>
  /** False once the server has refused the market-wide frames (`0s`, `1h`). */
  marketEvents: boolean
  /** The next registration may go at this time, monotonic ms; a new connection does not reset it. */
  nextAt: number
}

interface Settings {
  readonly connection: Connection
  readonly limits: RegistrationLimits
  readonly suffix: string
  readonly wanted: () => readonly string[]
  /** Resolves when `wanted` may have changed. */
  readonly changed: (signal: AbortSignal) => Promise<void>
  readonly onRegistered: (symbols: readonly string[]) => void
  readonly onRemoved: (symbols: readonly string[]) => void
  readonly timings: KiwoomTimings
  readonly log: Log
  readonly signal: AbortSignal
}

const TOO_FAST = 1700
const CONNECTION_FULL = 105115
const GROUP_FULL = 105118
const EVENTS_GROUP = '99'

/**
 * Keeps the wanted stocks registered on a connection, one request at a time, until the signal ends it. Stocks that do
 * not fit are read from the chart.
 */
export const keepRegistered = async (settings: Settings): Promise<void> => {
  const { connection, limits, suffix, wanted, changed, onRegistered, onRemoved, timings, log, signal } = settings
  const groups: Set<string>[] = []
  /** The parts of a batch that was refused as a whole; each part is tried alone. */
  const parts: string[][] = []
  let eventsAsked = !limits.marketEvents
  let tooFast = 0

  const paced = async (frame: Parameters<Connection['ask']>[0]) => {
    await sleep(Math.max(0, limits.nextAt - performance.now()), signal)
    const answer = await connection.ask(frame)
    tooFast = answer.code === TOO_FAST ? tooFast + 1 : 0
    limits.nextAt = performance.now() + timings.registerMs * 2 ** Math.min(tooFast, 5)
    signal.throwIfAborted()
    return answer
  }
  const items = (symbols: readonly string[]) => symbols.map((symbol) => `${symbol}${suffix}`)
  const registered = () => groups.reduce((sum, group) => sum + group.size, 0)

  const removeOne = async (want: ReadonlySet<string>): Promise<boolean> => {
    for (const [index, group] of groups.entries()) {
      const gone = [...group].filter((symbol) => !want.has(symbol))
      if (gone.length === 0) continue
      const { code } = await paced({
        trnm: 'REMOVE',
        grp_no: String(index + 1),
        data: [{ item: items(gone), type: ['0B'] }],
      })
      if (code === TOO_FAST) return true
      for (const symbol of gone) group.delete(symbol)
      onRemoved(gone)
      return true
    }
    return false
  }

  const addOne = async (want: ReadonlySet<string>): Promise<boolean> => {
    const isNew = (symbol: string) =>
      want.has(symbol) && !limits.refused.has(symbol) && !groups.some((group) => group.has(symbol))
    const room = limits.items - registered()
    const fresh = (parts.shift() ?? [...want]).filter(isNew)
    if (room <= 0 || fresh.length === 0) return parts.length > 0
    let index = groups.findIndex((group) => group.size < limits.group)
    if (index < 0) index = groups.push(new Set()) - 1
    const group = groups[index]!
    const batch = fresh.slice(0, Math.min(room, limits.group - group.size))
    const { code, message } = await paced({
      trnm: 'REG',
      grp_no: String(index + 1),
      refresh: '1',
      data: [{ item: items(batch), type: ['0B'] }],
    })
    if (code === 0) {
      for (const symbol of batch) group.add(symbol)
      onRegistered(batch)
    } else if (code === CONNECTION_FULL) {
      limits.items = registered() + Math.floor(batch.length / 2)
      log.warn(
        { code, tried: batch.length, items: limits.items },
        'kiwoom live takes fewer stocks on a connection, the rest is read from the chart',
      )
    } else if (code === GROUP_FULL && (batch.length > 1 || group.size > 0)) {
      limits.group = Math.max(1, group.size + Math.floor(batch.length / 2))
      log.warn({ code, tried: batch.length, group: limits.group }, 'kiwoom live takes fewer stocks in a group')
    } else if (code !== TOO_FAST && code !== -1) {
      if (batch.length > 1) parts.push(batch.slice(0, batch.length / 2), batch.slice(batch.length / 2))
      else {
        limits.refused.add(batch[0]!)
        log.warn(
          { code, symbol: batch[0], message: message.slice(0, 200) },
          'kiwoom live refuses the stock, it is read from the chart',
        )
      }
    }
    return true
  }

  const askForEvents = async (): Promise<boolean> => {
    if (eventsAsked) return false
    const { code, message } = await paced({
      trnm: 'REG',
      grp_no: EVENTS_GROUP,
      refresh: '1',
      data: [{ item: [''], type: ['0s', '1h'] }],
    })
    if (code === TOO_FAST) return true
    eventsAsked = true
    if (code !== 0 && code !== -1) {
      limits.marketEvents = false
      log.warn(
        { code, message: message.slice(0, 200) },
        'kiwoom live gives no market state and no volatility interruptions',
      )
    }
    return true
  }

  while (!signal.aborted) {
    const want = new Set(wanted())
    if ((await removeOne(want)) || (await addOne(want)) || (await askForEvents())) continue
    await changed(signal)
  }
}
