import type { Stock } from '../../pipeline/views/views.ts'
import type { Locale } from '../locale/texts.ts'
import { nameIn } from '../render/stock.ts'
import { CHART_WIDTH, FONT_SIZE } from './theme.ts'

const MARGIN = 28
const SHORTEST_NAME = 6

/** The title in one line: `케이바이오랩스 038530  10:23 +8.4%`. A name that is too long is cut. */
export const stockTitle = (stock: Stock, locale: Locale, words: string): string => {
  const { symbol } = stock.listing
  const full = nameIn(stock.listing, locale)
  const rest = `${full === symbol ? '' : ` ${symbol}`}${words === '' ? '' : `  ${words}`}`
  const room = (CHART_WIDTH - MARGIN) / FONT_SIZE.title - emWidth(rest) - 0.4
  return shortened(full, room) + rest
}

/** Approximate width of a bold line in ems: a Hangul syllable is nearly square, other characters are narrower. */
const emWidth = (text: string): number => [...text].reduce((sum, char) => sum + charWidth(char), 0)

const charWidth = (char: string): number => {
  if (char > '\u{2000}') return 0.94
  if (char === ' ' || char === '.' || char === ',') return 0.33
  return /[a-z]/.test(char) ? 0.53 : /[A-Z]/.test(char) ? 0.68 : 0.61
}

const shortened = (name: string, ems: number): string => {
  if (emWidth(name) <= ems) return name
  const chars = [...name]
  while (chars.length > SHORTEST_NAME && emWidth(chars.join('')) + 0.94 > ems) chars.pop()
  return chars.length < [...name].length ? `${chars.join('').trimEnd()}…` : name
}
