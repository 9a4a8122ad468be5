import { anySymbol, krxSymbol } from '../../model/time/symbol.ts'
import type { Listing } from '../store/records.ts'
import type { Resolved } from '../views/views.ts'

/**
 * Every stock that can be watched, in memory: finds a listing by code or name, and completes what a person is typing.
 */
export interface Directory {
  replace(listings: readonly Listing[]): void
  /** Adds a listing, or replaces the one with its symbol. */
  add(listing: Listing): void
  get(symbol: string): Listing | null
  all(): readonly Listing[]
  resolve(text: string): Resolved
  suggest(text: string, limit: number): readonly Listing[]
}

interface Entry {
  readonly listing: Listing
  /** Code and names in the form that is compared: no spaces, one case. */
  readonly code: string
  readonly names: readonly string[]
}

const plain = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').toLowerCase()

/** `krx`: only KRX codes are well-formed; otherwise any series name is. */
export const createDirectory = (market: 'krx' | 'any'): Directory => {
  const parse = market === 'krx' ? krxSymbol : anySymbol
  let entries: Entry[] = []
  let bySymbol = new Map<string, Listing>()

  const suggest = (text: string, limit: number): readonly Listing[] => {
    const wanted = plain(text)
    const grade = ({ code, names }: Entry): number => {
      if (code === wanted || names.includes(wanted)) return 0
      if (code.startsWith(wanted)) return 1
      if (names.some((name) => name.startsWith(wanted))) return 2
      return code.includes(wanted) || names.some((name) => name.includes(wanted)) ? 3 : 4
    }
    const graded = entries
      .map((entry) => ({ listing: entry.listing, grade: grade(entry) }))
      .filter((entry) => entry.grade < 4)
    return graded
      .sort((a, b) => a.grade - b.grade)
      .slice(0, limit)
      .map((entry) => entry.listing)
  }

  const replace = (listings: readonly Listing[]): void => {
    bySymbol = new Map(listings.map((listing) => [listing.symbol, listing]))
    entries = listings.map((listing) => ({
      listing,
      code: plain(listing.symbol),
      names: [listing.name, listing.nameEn].filter((name) => name !== null).map(plain),
    }))
  }

  return {
    replace,
    add: (listing) => replace([...new Map(bySymbol).set(listing.symbol, listing).values()]),
    get: (symbol) => bySymbol.get(symbol) ?? null,
    all: () => [...bySymbol.values()],
    resolve(text) {
      // An autocomplete choice that a person edited by hand arrives as "038530 name": the code is its first word.
      const code = parse(text) ?? parse(text.trim().split(/\s+/)[0] ?? '')
      const byCode = code === null ? undefined : bySymbol.get(code)
      if (byCode) return { kind: 'found', listing: byCode }
      const named = entries.filter((entry) => entry.names.includes(plain(text)))
      if (named.length === 1 && named[0]) return { kind: 'found', listing: named[0].listing }
      const suggestions = plain(text) === '' ? [] : suggest(text, 5)
      return { kind: code === null && suggestions.length === 0 ? 'malformed' : 'unknown', suggestions }
    },
    suggest,
  }
}

/** A directory of what trades by a calendar: only the market that never closes has series that are no KRX codes. */
export const createDirectoryOf = ({ name }: { readonly name: string }): Directory =>
  createDirectory(name === '24h' ? 'any' : 'krx')
