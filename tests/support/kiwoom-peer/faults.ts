import type { PeerTick } from './market.ts'
import type { WireRow } from './wire.ts'

/** A wrong answer in place of the right one. `status` 0 cuts the connection without an answer; `hang` never answers. */
export interface OddAnswer {
  /** The api-id whose next call gets the answer (`au10001` is the token); any when absent. */
  readonly apiId?: string
  readonly status?: number
  readonly text?: string
  readonly code?: number
  readonly message?: string
  readonly headers?: Record<string, string>
  readonly hang?: boolean
}

/** Every way in which the peer can misbehave. All are off at first; a test switches on the ones it needs. */
export interface PeerFaults {
  /** Wrong answers, given in this order, each once. */
  odd: OddAnswer[]
  /** The number of data calls to come that are refused for their pace. */
  rateLimited: number
  /** True if the header says that there is no next page although the page is full. */
  noNextPage: boolean
  /** True if `base_dt` is ignored, as in old versions. */
  ignoreBaseDate: boolean
  /** Changes a page's rows before they are sent; `page` counts the chart's pages from 0. */
  rows: ((rows: WireRow[], page: number) => unknown[]) | null
  /** True if answers have no `Date` header, so that nothing shows the peer's clock. */
  noDate: boolean
  /** The frames that are sent for a trade: none if it is lost, two if it is repeated. */
  tick: ((tick: PeerTick) => readonly PeerTick[]) | null
  /** True if the connection stays up and sends nothing. */
  mute: boolean
  /** Items that a registration must not hold; a batch with one is refused as a whole. */
  refuseItems: Set<string>
  /** The messages with which the next logins are refused. */
  loginRefusals: string[]
  /** The next registrations get these answers and register nothing. */
  registrations: { code: number; message: string }[]
  /** The next removals get these answers and remove nothing. */
  removals: { code: number; message: string }[]
}

export const noFaults = (): PeerFaults => ({
  odd: [],
  rateLimited: 0,
  noNextPage: false,
  ignoreBaseDate: false,
  rows: null,
  noDate: false,
  tick: null,
  mute: false,
  refuseItems: new Set(),
  loginRefusals: [],
  registrations: [],
  removals: [],
})
