import type { Listing } from '../../store/records.ts'

/** One stock of the simulated market. */
export interface SimulatedStock {
  readonly listing: Listing
  /** The price around which it wanders over the years, in won. */
  readonly price: number
  /** Standard deviation of a day's log return. */
  readonly dailySigma: number
  /** Trades in an ordinary minute; a low number leaves minutes without a bar. */
  readonly tradesPerMinute: number
  /** Median size of one trade, in shares. */
  readonly tradeSize: number
  /** Standard deviation of the logarithm of a trade's size. */
  readonly tradeSpread: number
  /** Half the distance between bid and ask beyond the nearest step, in steps. */
  readonly spread: number
}

/**
 * Every name says that it is simulated: nothing here happened to a real company. All but the first name and code are
 * invented.
 */
const stock = (
  symbol: string,
  name: string,
  nameEn: string,
  market: 'KOSPI' | 'KOSDAQ',
  numbers: Omit<SimulatedStock, 'listing'>,
): SimulatedStock => ({
  listing: { symbol, name: `${name} (모의)`, nameEn: `${nameEn} (simulated)`, market, warnings: [], nxtTradable: null },
  ...numbers,
})

/** The stocks that a first visitor watches come first; events are spread evenly over them. */
export const SIMULATED_STOCKS: readonly SimulatedStock[] = [
  stock('038530', '케이바이오랩스', 'K Bio Labs', 'KOSDAQ', {
    price: 1_085,
    dailySigma: 0.028,
    tradesPerMinute: 1.3,
    tradeSize: 150,
    tradeSpread: 1.5,
    spread: 2.2,
  }),
  stock('990110', '늘솔바이오텍', 'Neulsol Biotech', 'KOSDAQ', {
    price: 8_420,
    dailySigma: 0.03,
    tradesPerMinute: 5,
    tradeSize: 60,
    tradeSpread: 1.4,
    spread: 0.5,
  }),
  stock('990230', '해든로보틱스', 'Haedeun Robotics', 'KOSDAQ', {
    price: 23_650,
    dailySigma: 0.032,
    tradesPerMinute: 9,
    tradeSize: 30,
    tradeSpread: 1.3,
    spread: 0.3,
  }),
  stock('0001A0', '가온누리에너지', 'Gaonnuri Energy', 'KOSDAQ', {
    price: 14_300,
    dailySigma: 0.034,
    tradesPerMinute: 7,
    tradeSize: 45,
    tradeSpread: 1.3,
    spread: 0.3,
  }),
  stock('990350', '너울중공업', 'Neoul Heavy Industries', 'KOSPI', {
    price: 71_500,
    dailySigma: 0.016,
    tradesPerMinute: 55,
    tradeSize: 18,
    tradeSpread: 1.3,
    spread: 0,
  }),
  stock('990470', '미르한전자', 'Mirhan Electronics', 'KOSPI', {
    price: 38_200,
    dailySigma: 0.021,
    tradesPerMinute: 18,
    tradeSize: 25,
    tradeSpread: 1.3,
    spread: 0,
  }),
  stock('990590', '다솜별게임즈', 'Dasombyeol Games', 'KOSDAQ', {
    price: 4_755,
    dailySigma: 0.029,
    tradesPerMinute: 3.5,
    tradeSize: 120,
    tradeSpread: 1.4,
    spread: 0.4,
  }),
  stock('990610', '온새미식품', 'Onsaemi Foods', 'KOSPI', {
    price: 126_000,
    dailySigma: 0.015,
    tradesPerMinute: 4,
    tradeSize: 8,
    tradeSpread: 1.1,
    spread: 0.8,
  }),
  stock('990730', '한울림소재', 'Hanullim Materials', 'KOSDAQ', {
    price: 3_180,
    dailySigma: 0.03,
    tradesPerMinute: 0.8,
    tradeSize: 180,
    tradeSpread: 1.5,
    spread: 1.2,
  }),
  stock('990850', '윤슬정밀', 'Yunseul Precision', 'KOSDAQ', {
    price: 1_740,
    dailySigma: 0.026,
    tradesPerMinute: 0.6,
    tradeSize: 220,
    tradeSpread: 1.5,
    spread: 3,
  }),
]

/** The number of stocks that a first visitor watches. */
export const SIMULATED_FIRST_WATCHED = 5
