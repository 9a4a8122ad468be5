import { type APIEmbedField, escapeMarkdown } from 'discord.js'
import { krxSymbol } from '../../model/time/symbol.ts'
import type { Listing } from '../../pipeline/store/records.ts'
import type { Stock } from '../../pipeline/views/views.ts'
import type { Currency } from '../locale/format.ts'
import type { Locale, Texts } from '../locale/texts.ts'

/** Korean convention: red rises, blue falls. */
export const COLOURS = { up: 0xe5484d, down: 0x3e7bfa, calm: 0x8b949e, info: 0x5865f2 } as const

/** Stocks with a KRX code are priced in whole won, all others are not. */
export const currencyOf = (stock: Stock): Currency =>
  krxSymbol(stock.listing.symbol) === stock.listing.symbol ? 'won' : 'other'

/** The stock's name in the reader's language. */
export const nameIn = ({ name, nameEn }: Listing, locale: Locale): string => (locale === 'en' ? (nameEn ?? name) : name)

/** The stock's name in the reader's language, safe from being read as Discord's formatting. */
export const listingName = (listing: Listing, texts: Texts): string =>
  escapeMarkdown(nameIn(listing, texts.locale), { italic: false, underline: false })

/** `케이바이오(038530)`, or the code alone if the stock has no other name. */
export const listingLabel = (listing: Listing, texts: Texts): string =>
  listing.name === listing.symbol ? listing.symbol : texts.stock(listingName(listing, texts), listing.symbol)

export const stockLabel = (stock: Stock, texts: Texts): string => listingLabel(stock.listing, texts)

/** The footer of every answer: how real its prices are, their series, and the time zone of its times. */
export const provenanceLine = (stock: Stock, texts: Texts): string => {
  const { provenance, series, utcOffsetMinutes } = stock
  const kind =
    provenance.kind === 'unofficial'
      ? texts.provenance.unofficial(provenance.delayMinutes)
      : texts.provenance[provenance.kind]
  return `${kind} · ${series} · ${texts.format.zone(utcOffsetMinutes)}`
}

/** `코스닥 · 넥스트레이드(NXT)에서도 거래`; null if the source does not know. */
export const tradingLine = ({ listing }: Stock, texts: Texts): string | null => {
  const { market, nxtTradable } = listing
  if (nxtTradable === null) return null
  const { segment, alsoNxt, krxOnly } = texts.trading
  return [...(market === '' ? [] : [segment(market)]), nxtTradable ? alsoNxt : krxOnly].join(' · ')
}

/** The exchange's own warnings about the stock, in its own words. No field if there are none. */
export const warningFields = (stock: Stock, texts: Texts): APIEmbedField[] =>
  stock.listing.warnings.length === 0
    ? []
    : [{ name: texts.exchangeWarnings, value: stock.listing.warnings.join(', ') }]
