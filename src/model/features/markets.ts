import type { Calendar } from '../time/session.ts'
import type { Market } from './market.ts'
import { MARKET_TABLES } from './market-tables.ts'

/** The table that ships for a market. A simulated market follows KRX's day. */
export const marketOf = (name: Calendar['name']): Market => (name === '24h' ? MARKET_TABLES.around : MARKET_TABLES.krx)
