import type { MarketName } from '../../pipeline/store/records.ts'
import type { Texts } from '../locale/texts.ts'
import { UserError } from '../locale/user-error.ts'

export type { MarketName } from '../../pipeline/store/records.ts'

const MARKETS: readonly MarketName[] = ['kosdaq', 'kospi', 'krx']
const PREFIX = 'market:'

/**
 * The market that `market:kosdaq` and the like mean; null if the text means a stock.
 *
 * @throws {UserError} if it names another market
 */
export const marketOf = (text: string): MarketName | null => {
  const plain = text.normalize('NFKC').replace(/\s+/g, '').toLowerCase()
  if (!plain.startsWith(PREFIX)) return null
  const named = MARKETS.find((market) => plain === `${PREFIX}${market}`)
  if (named === undefined) throw new UserError(({ errors }) => errors.whichMarket)
  return named
}

/** The choices of markets that fit what a person is typing: from `m` on, or a market's own name. */
export const marketChoices = (typed: string, texts: Texts): { name: string; value: string }[] => {
  const plain = typed.normalize('NFKC').replace(/\s+/g, '').toLowerCase()
  if (plain === '') return []
  return MARKETS.filter(
    (market) =>
      `${PREFIX}${market}`.startsWith(plain) || market.startsWith(plain) || texts.markets[market].startsWith(plain),
  ).map((market) => ({ name: `${PREFIX}${market} · ${texts.markets[market]}`, value: `${PREFIX}${market}` }))
}
