import { createHash } from 'node:crypto'
import type { Notice } from '../views/views.ts'
import type { FeedState } from './state.ts'

/** The notices of one channel whose end it still has to hear about. */
export interface Announced {
  /** An outage: the source gives no answer, or no stock has a trade. */
  readonly silent: Silence | null
  /**
   * Stocks that are silent while others trade, as in a halt. That may last for days and hides neither an outage nor its
   * end.
   */
  readonly alone?: Silence | null
  /** Date that the channel was told is closed. */
  readonly closed: string | null
}

interface Silence {
  readonly since: number
  readonly symbols: readonly string[]
}

/** A notice as it is stored until it is posted. */
export type OwedNotice = Pick<Notice, 'id' | 'channelId' | 'guildId' | 'kind' | 'since' | 'at'> & {
  readonly symbols: readonly string[]
}

export interface Channel {
  readonly channelId: string
  readonly guildId: string
  readonly symbols: readonly string[]
}

const NOTHING: Announced = { silent: null, alone: null, closed: null }
/** If the stocks' reasons differ, the notice gives the most serious one: most serious first. */
const GRAVEST = ['unanswered', 'unfilled', 'empty'] as const

/**
 * The notices that a channel is owed, given those it has had: the first silence among its stocks and the end of the
 * last one. Changes in between are not announced, except an outage (and its end) beside stocks that are silent alone. A
 * channel that no longer watches the announced stocks gets no further notice. Pure.
 *
 * @param today - date of the newest session; a notice that another day is closed lapses without a word
 */
export const channelNews = (
  channel: Channel,
  told: Announced = NOTHING,
  states: ReadonlyMap<string, FeedState>,
  { now, today }: { readonly now: number; readonly today: string },
): { readonly told: Announced; readonly owed: readonly OwedNotice[] } => {
  const { channelId, guildId, symbols } = channel
  const owed: OwedNotice[] = []
  const owe = (kind: Notice['kind'], about: readonly string[], since: number) => {
    const id = createHash('sha256')
      .update(`${channelId}|${kind}|${about.join()}|${since}|${now}`)
      .digest('base64url')
      .slice(0, 24)
    owed.push({ id, channelId, guildId, kind, symbols: about, since, at: now })
  }

  const closed = symbols.map((symbol) => states.get(symbol)).find((state) => state?.kind === 'closed-today')
  if (closed) {
    if (told.closed !== closed.date) owe('closed', symbols, now)
    return { told: { ...NOTHING, closed: closed.date }, owed }
  }
  if (told.closed === today && symbols.some((symbol) => states.get(symbol)?.kind === 'flowing'))
    owe('open', symbols, now)

  const silent = symbols.flatMap((symbol) => {
    const state = states.get(symbol)
    return state?.kind === 'silent' ? [{ symbol, ...state }] : []
  })
  const outage = silent.filter(({ why }) => why !== 'alone')
  const alone = silent.filter(({ why }) => why === 'alone')

  for (const ended of [outage.length === 0 ? told.silent : null, alone.length === 0 ? told.alone : null]) {
    const back =
      ended?.symbols.filter((symbol) => symbols.includes(symbol) && states.get(symbol)?.kind === 'flowing') ?? []
    if (ended && back.length > 0) owe('back', back, ended.since)
  }
  const gravest = GRAVEST.find((kind) => outage.some(({ why }) => why === kind))
  if (gravest && told.silent === null) owe(gravest, namesOf(outage), sinceOf(outage))
  // During an outage nobody can tell that one stock is halted.
  const announceAlone = alone.length > 0 && !told.alone && outage.length === 0
  if (announceAlone) owe('alone', namesOf(alone), sinceOf(alone))
  return {
    told: {
      silent: grown(told.silent, outage),
      alone: told.alone || announceAlone ? grown(told.alone ?? null, alone) : null,
      closed: null,
    },
    owed,
  }
}

const namesOf = (silent: readonly { readonly symbol: string }[]) => silent.map(({ symbol }) => symbol)
const sinceOf = (silent: readonly { readonly since: number }[]) => Math.min(...silent.map(({ since }) => since))

/** The announced silence with the stocks that have joined since; null if it is over. */
const grown = (
  told: Silence | null,
  silent: readonly { readonly symbol: string; readonly since: number }[],
): Silence | null =>
  silent.length === 0
    ? null
    : { since: told?.since ?? sinceOf(silent), symbols: [...new Set([...(told?.symbols ?? []), ...namesOf(silent)])] }
