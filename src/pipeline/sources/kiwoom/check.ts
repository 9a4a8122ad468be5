import { RetryableError } from '../../../errors.ts'
import { kstText } from './numbers.ts'
import type { Rest } from './rest/rest.ts'
import { readRows } from './rest/rows.ts'
import type { ServerClock } from './rest/server-clock.ts'
import type { TokenKeeper } from './rest/token.ts'

export interface Finding {
  readonly ok: boolean
  /** One sentence that states a fact or tells the operator what to do. */
  readonly message: string
}

interface Parts {
  readonly tokens: TokenKeeper
  readonly rest: Rest
  readonly clock: ServerClock
  readonly wsUrl: URL
  readonly suffix: string
  readonly timeoutMs: number
}

/** If the clocks differ by more than this, a minute visibly closes at the wrong moment. */
const CLOCK_LIMIT_MS = 5_000

/**
 * Checks token, chart, clock and live feed for `doctor`. It does not log in to the live feed: a login would disconnect
 * a program that uses it.
 */
export const checkKiwoom = async (
  { tokens, rest, clock, wsUrl, suffix, timeoutMs }: Parts,
  signal: AbortSignal,
): Promise<Finding[]> => {
  const findings: Finding[] = []
  const attempt = async (work: () => Promise<string>): Promise<boolean> => {
    try {
      findings.push({ ok: true, message: await work() })
      return true
    } catch (error) {
      signal.throwIfAborted()
      findings.push({
        ok: false,
        message: error instanceof Error ? error.message : 'Kiwoom cannot be checked: unknown error',
      })
      return false
    }
  }
  const hasToken = await attempt(async () => {
    await tokens.get(signal)
    const until = tokens.expiresAt()
    return `Kiwoom issues a token, good until ${until === null ? 'an unknown time' : `${kstText(until)} KST`}`
  })
  if (!hasToken) return findings
  await attempt(async () => {
    const body = { stk_cd: `005930${suffix}`, tic_scope: '1', upd_stkpc_tp: '1' }
    const page = await rest.call({ apiId: 'ka10080', path: '/api/dostk/chart', body, symbol: '005930' }, signal)
    const list = page.body?.stk_min_pole_chart_qry
    const { rows, problems } = readRows(Array.isArray(list) ? list : [])
    if (problems.length > 0)
      throw new RetryableError(`Kiwoom's chart of 005930 has rows that cannot be read (${problems[0]})`)
    const newest = rows.at(-1)
    if (!newest) throw new RetryableError("Kiwoom's chart of 005930 is empty; try again when the market is open")
    return `Kiwoom's chart answers: 005930 has bars up to ${kstText(newest.openTime)} KST`
  })
  const lead = clock.lead()
  if (lead !== null) {
    const seconds = Math.abs(lead / 1000).toFixed(1)
    const side = lead > 0 ? 'ahead of' : 'behind'
    findings.push(
      lead > CLOCK_LIMIT_MS || lead < -CLOCK_LIMIT_MS
        ? {
            ok: false,
            message: `this computer's clock is ${seconds} s ${side} Kiwoom's: switch on time synchronisation (NTP)`,
          }
        : {
            ok: true,
            message: `this computer's clock agrees with Kiwoom's (within ${Math.ceil(Math.abs(lead) / 1000)} s)`,
          },
    )
  }
  await attempt(async () => {
    await reach(wsUrl, timeoutMs, signal)
    return `Kiwoom's live feed at ${wsUrl.host} can be reached`
  })
  return findings
}

const reach = (url: URL, timeoutMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    const failed = () =>
      done(() =>
        reject(
          new RetryableError(
            `Kiwoom's live feed at ${url.origin} cannot be reached: check the network and KIWOOM_WS_URL`,
          ),
        ),
      )
    const stopped = () => done(() => reject(signal.reason))
    const timer = setTimeout(failed, timeoutMs)
    const done = (finish: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stopped)
      finish()
      socket.close()
    }
    signal.addEventListener('abort', stopped, { once: true })
    socket.addEventListener('open', () => done(resolve), { once: true })
    socket.addEventListener('error', failed, { once: true })
  })
