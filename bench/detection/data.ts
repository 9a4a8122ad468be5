import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { readBarsCsv } from '../../src/pipeline/bars-file/read.ts'
import { dataFile } from '../../tests/support/data.ts'

/** The bars of one symbol, oldest first. */
export interface Series {
  readonly symbol: string
  readonly bars: readonly Bar[]
}
/** Gives each bar a score, higher is odder; NaN without one. */
export type Scorer = (series: Series) => Float64Array

/** A labelled event, in minutes since 1970. */
export interface Label {
  readonly symbol: string
  readonly pump: boolean
  readonly onset: number
  readonly announced: number
}
export interface Labels {
  readonly events: readonly Label[]
  readonly windows: readonly { readonly symbol: string; readonly first: number; readonly last: number }[]
}

export const readSeries = async (name: string): Promise<Series[]> => {
  const path = dataFile(name)
  if (!existsSync(path)) throw new Error(`${path} is not there: set MINUTEWATCH_DATA to the folder that holds ${name}`)
  const { bars } = await readBarsCsv(path)
  return [...bars].map(([symbol, ofSymbol]) => ({ symbol, bars: ofSymbol }))
}

export const readLabels = (): Labels => {
  const table = (name: string) => {
    const [head = '', ...lines] = gunzipSync(readFileSync(dataFile(`detection/${name}.csv.gz`)))
      .toString()
      .trim()
      .split('\n')
    const names = head.split(',')
    return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])))
  }
  const minute = (text: string | undefined) => Date.parse(text ?? '') / MINUTE
  return {
    events: table('events').map((e) => ({
      symbol: e.symbol ?? '',
      pump: e.kind === 'pump',
      onset: minute(e.onset),
      announced: minute(e.announced),
    })),
    windows: table('windows').map((w) => ({
      symbol: w.symbol ?? '',
      first: minute(w.first_minute),
      last: minute(w.last_minute),
    })),
  }
}

/** Minutes before and after a label that are neither hit nor false alarm. */
export const CLEAR = { before: 60, after: 180 }

/** True for a minute (since 1970) that belongs to a labelled event or lies near one. */
export const isLabelled = ({ events }: Labels, symbol: string, minute: number): boolean =>
  events.some(
    (event) => event.symbol === symbol && minute > event.onset - CLEAR.before && minute < event.announced + CLEAR.after,
  )

/** End of the eleven sessions on which the same stocks of KRX were recorded. */
const PANEL_END = Date.parse('2025-09-16T00:00:00+09:00')

/** Stocks of the panel, their bars until its end. */
export const readPanel = async (): Promise<Series[]> =>
  (await readSeries('krx/sessions-2025.csv.gz'))
    .map(({ symbol, bars }) => ({ symbol, bars: bars.filter(({ openTime }) => openTime < PANEL_END) }))
    .filter(({ bars }) => bars.length > 0)
