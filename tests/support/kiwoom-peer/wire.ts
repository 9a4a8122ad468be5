import { MINUTE, type Ohlcv } from '../../../src/model/time/bar.ts'
import { allTicks, koreanDate, koreanStamp, type PeerStock, type PeerTick } from './market.ts'

export type WireRow = Record<string, string>

const signed = (price: number, base: number) => (price > base ? `+${price}` : price < base ? `-${price}` : `${price}`)
const signCode = (price: number, base: number) => (price > base ? '2' : price < base ? '5' : '3')

/** The chart of a stock as Kiwoom would write it at this instant: newest first, the forming minute on top. */
export const chartRows = (stock: PeerStock, at: number, offHoursRow: boolean): WireRow[] => {
  const rows: WireRow[] = []
  let day = ''
  let dayVolume = 0
  let base = stock.base
  let close = stock.base
  const write = (bar: Ohlcv) => {
    dayVolume += bar.volume
    rows.push({
      cur_prc: signed(bar.close, base),
      trde_qty: String(bar.volume),
      cntr_tm: koreanStamp(bar.openTime),
      open_pric: signed(bar.open, base),
      high_pric: signed(bar.high, base),
      low_pric: signed(bar.low, base),
      acc_trde_qty: String(dayVolume),
      pred_pre: bar.close === base ? '0' : `${bar.close > base ? '+' : ''}${bar.close - base}`,
      pred_pre_sig: signCode(bar.close, base),
    })
    close = bar.close
  }
  for (const [index, bar] of stock.bars.entries()) {
    if (bar.openTime > at) break
    const date = koreanDate(bar.openTime)
    if (date !== day) {
      base = close
      day = date
      dayVolume = 0
    }
    const part = bar.openTime + MINUTE <= at ? bar : formingBar(stock, bar, at)
    if (part) write(part)
    const next = stock.bars[index + 1]
    const closing = next === undefined || koreanDate(next.openTime) !== date
    // Shares traded after hours at the closing price appear in the chart from the next day on.
    if (offHoursRow && closing && date < koreanDate(at)) {
      write({
        openTime: bar.openTime + 5 * MINUTE,
        open: bar.close,
        high: bar.close,
        low: bar.close,
        close: bar.close,
        volume: 1_803,
      })
    }
  }
  return rows.reverse()
}

const formingBar = (stock: PeerStock, bar: Ohlcv, at: number): Ohlcv | null => {
  const ticks = allTicks({ ...stock, bars: [bar] }).filter(({ time }) => time <= at)
  if (ticks.length === 0) return null
  const prices = ticks.map(({ price }) => price)
  return {
    openTime: bar.openTime,
    open: prices[0]!,
    close: prices.at(-1)!,
    high: Math.max(...prices),
    low: Math.min(...prices),
    volume: ticks.reduce((sum, { size }) => sum + size, 0),
  }
}

/** A trade's fields: the ones that mean something, and a few of the rest. The real frame has some forty. */
export const tickValues = (
  { time, price, size, dayVolume, bought }: PeerTick,
  base: number,
  session = '2',
): WireRow => ({
  '20': koreanStamp(time).slice(8),
  '10': signed(price, base),
  '11': String(price - base),
  '12': (((price - base) / base) * 100).toFixed(2),
  '27': signed(price + 1, base),
  '28': signed(price - 1, base),
  '15': `${bought ? '+' : '-'}${size}`,
  '13': String(dayVolume),
  '14': String(Math.round((dayVolume * price) / 1e6)),
  '16': signed(price, base),
  '17': signed(price, base),
  '18': signed(price, base),
  '25': signCode(price, base),
  '228': '101.32',
  '290': session,
  '567': '000000',
  '568': '000000',
  '851': '',
  '1313': '',
  '9081': '1',
})

/** A stock in Kiwoom's list. */
export const listingRow = (stock: PeerStock): WireRow => ({
  code: stock.symbol,
  name: stock.name,
  listCount: '0000000123759593',
  auditInfo: stock.auditInfo ?? '정상',
  regDay: '20110124',
  lastPrice: String(stock.base).padStart(8, '0'),
  state: stock.state ?? '증거금40%|담보대출|신용가능',
  marketCode: stock.market === 'KOSPI' ? '0' : '10',
  marketName: stock.market === 'KOSPI' ? '거래소' : '코스닥',
  upName: '',
  upSizeName: '대형주',
  companyClassName: '',
  orderWarning: stock.orderWarning ?? '0',
  nxtEnable: stock.nxt ? 'Y' : 'N',
  kind: 'A',
})
