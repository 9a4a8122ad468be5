import { createHash } from 'node:crypto'
import type { FeedState } from './feed-state.ts'
import type { Notice } from './read.ts'

/** What one channel has been told and must be told the end of. */
export interface Told {
  readonly silent: { readonly since: number; readonly symbols: readonly string[] } | null
  /** Date that was said to be closed. */
  readonly closed: string | null
}

/** A notice as it is kept until it has been said. */
export type OwedNotice = Pick<Notice, 'id' | 'channelId' | 'guildId' | 'kind' | 'since' | 'at'> & { readonly symbols: readonly string[] }

export interface Channel {
  readonly channelId: string
  readonly guildId: string
  readonly symbols: readonly string[]
}

const NOTHING: Told = { silent: null, closed: null }
const GRAVEST = ['unanswered', 'unfilled', 'empty', 'alone'] as const

/**
 * What a channel is owed by what it has been told: the first silence among its stocks, and the end of the last. What changes in between, stock by stock,
 * is not said. A channel that no longer watches what it was told of is told nothing more. Pure.
 *
 * @param today - date of the newest session: what was called closed on another day is over without a word
 */
export const channelNews = (
  channel: Channel,
  told: Told = NOTHING,
  states: ReadonlyMap<string, FeedState>,
  { now, today }: { readonly now: number; readonly today: string },
): { readonly told: Told; readonly owed: readonly OwedNotice[] } => {
  const { channelId, guildId, symbols } = channel
  const owed: OwedNotice[] = []
  const owe = (kind: Notice['kind'], about: readonly string[], since: number) => {
    const id = createHash('sha256').update(`${channelId}|${kind}|${about.join()}|${since}|${now}`).digest('base64url').slice(0, 24)
    owed.push({ id, channelId, guildId, kind, symbols: about, since, at: now })
  }

  const closed = symbols.map((symbol) => states.get(symbol)).find((state) => state?.kind === 'closed-today')
  if (closed) {
    if (told.closed !== closed.date) owe('closed', symbols, now)
    return { told: { silent: null, closed: closed.date }, owed }
  }
  if (told.closed === today && symbols.some((symbol) => states.get(symbol)?.kind === 'flowing')) owe('open', symbols, now)

  const silent = symbols.flatMap((symbol) => {
    const state = states.get(symbol)
    return state?.kind === 'silent' ? [{ symbol, ...state }] : []
  })
  const since = Math.min(...silent.map((each) => each.since))
  const names = silent.map((each) => each.symbol)
  if (silent.length > 0) {
    const why = GRAVEST.find((kind) => silent.some((each) => each.why === kind)) ?? 'unanswered'
    if (told.silent === null) owe(why, names, since)
    const before = told.silent ?? { since, symbols: [] }
    return { told: { silent: { since: before.since, symbols: [...new Set([...before.symbols, ...names])] }, closed: null }, owed }
  }
  const back = told.silent?.symbols.filter((symbol) => symbols.includes(symbol) && states.get(symbol)?.kind === 'flowing') ?? []
  if (told.silent && back.length > 0) owe('back', back, told.silent.since)
  return { told: NOTHING, owed }
}
