import type { PeerTick } from './market.ts'
import type { WireRow } from './wire.ts'

/** An answer instead of the true one. `status` 0 cuts the connection without an answer; `hang` never answers. */
export interface OddAnswer {
  /** Only for this api-id (`au10001` is the token); any when absent. */
  readonly apiId?: string
  readonly status?: number
  readonly text?: string
  readonly code?: number
  readonly message?: string
  readonly headers?: Record<string, string>
  readonly hang?: boolean
}

/** Every way the peer can misbehave. All off at first; a test switches what it is about. */
export interface PeerFaults {
  /** Answers taken in order, each once. */
  odd: OddAnswer[]
  /** The next so many data calls are refused for their pace. */
  rateLimited: number
  /** The header says that there is no next page although the page is full. */
  noNextPage: boolean
  /** `base_dt` is not understood, as in old versions. */
  ignoreBaseDate: boolean
  /** Changes a page's rows before they are sent; `page` counts the chart's pages from 0. */
  rows: ((rows: WireRow[], page: number) => unknown[]) | null
  /** No `Date` header, so that nothing shows the venue's clock. */
  noDate: boolean
  /** What is sent for a trade: nothing when lost, twice when repeated. */
  tick: ((tick: PeerTick) => readonly PeerTick[]) | null
  /** The connection stays up and says nothing. */
  mute: boolean
  /** Items that a registration must not hold; a batch with one is refused as a whole. */
  refuseItems: Set<string>
  /** How the next logins are refused: message texts. */
  loginRefusals: string[]
  /** The next registrations answer with this and do nothing. */
  registrations: { code: number; message: string }[]
  /** So do the next removals. */
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
