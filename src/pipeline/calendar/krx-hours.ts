import { KST_OFFSET } from '../../model/time/session.ts'
import type { Hours } from './sessions.ts'

export const KRX_UTC_OFFSET_MINUTES = KST_OFFSET / 60_000

/** Orders of the closing auction are collected for ten minutes, without a trade, before it is called. */
const CLOSING_AUCTION_MINUTES = 10

/**
 * Hours from the times of KRX's notices, in minutes after midnight: the first trade, and the closing auction's call.
 */
export const krxHours = (open: number, close: number): Hours => ({
  open,
  continuousEnd: close - CLOSING_AUCTION_MINUTES,
  closingBar: close,
})

/** 09:00–15:30, since August 2016. */
export const KRX_HOURS = krxHours(9 * 60, 15 * 60 + 30)

/** The first trading day of a year opens an hour late and closes as ever. */
export const KRX_FIRST_DAY_HOURS = krxHours(10 * 60, 15 * 60 + 30)

/** On the day of the college entrance examination everything is an hour later. */
export const KRX_EXAM_DAY_HOURS = krxHours(10 * 60, 16 * 60 + 30)

/**
 * Days of the college entrance examination (CSAT, 수능). 2020 was put off; those after 2025 are announced, without a
 * notice by KRX yet.
 */
export const EXAM_DAYS: ReadonlySet<string> = new Set([
  '2018-11-15',
  '2019-11-14',
  '2020-12-03',
  '2021-11-18',
  '2022-11-17',
  '2023-11-16',
  '2024-11-14',
  '2025-11-13',
  '2026-11-19',
  '2027-11-18',
])
