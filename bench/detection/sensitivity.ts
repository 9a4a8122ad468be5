import { PARAMETERS, type Parameters } from '../../src/model/features/parameters.ts'
import { coinMinutes, marketFrom, panelMinutes } from '../market-table.ts'
import { productScorer, scoreMovers } from '../sudden/movers.ts'
import { readShocks, signalledOf } from '../sudden/shocks.ts'
import { alertsOf, isEarly } from '../sudden/worth.ts'
import { outOf, percent, printTable, shown } from '../table.ts'
import { type Labels, readPanel, type Series } from './data.ts'
import { risesOf } from './product.ts'
import { scoreEvents } from './protocol.ts'
import { KRX, keysOf, type ReplaySettings, replay } from './replay.ts'

const RATES = [0.6, 0.3]
/** The first session of the panel that is judged, after two of warm-up. */
const JUDGED_FROM = Date.parse('2025-09-03T00:00:00+09:00')

export interface Sets {
  readonly coins: readonly Series[]
  readonly weak: readonly Series[]
  readonly labels: Labels
  readonly around: ReplaySettings
  /** One session of a whole market. */
  readonly day: readonly Series[]
}

/**
 * Prints the effect of each number of the detector at half and at double its value, on all sets. Each time the curves
 * are made anew, because another feature has another scale.
 */
export const printSensitivity = async (print: (line: string) => void, sets: Sets): Promise<void> => {
  const panel = await readPanel()
  const fields = Object.keys(PARAMETERS) as (keyof Parameters)[]
  const variants: [string, Parameters][] = [
    ['as it is', PARAMETERS],
    ...fields.flatMap((field) =>
      [0.5, 2].map((factor): [string, Parameters] => {
        const value = PARAMETERS[field] * factor
        return [`${field} ${PARAMETERS[field]} → ${value}`, { ...PARAMETERS, [field]: value }]
      }),
    ),
  ]
  const rows: string[][] = []
  for (const [name, parameters] of variants) rows.push([name, ...(await variant(parameters, panel, sets))])
  print(
    'AP and weak AP of labelled coins, by one minute alone and by all horizons; movers of one session of KRX; sudden minutes of its panel',
  )
  printTable(
    print,
    [
      '',
      'AP, 1',
      'weak, 1',
      'AP, all',
      'weak, all',
      'movers',
      ...RATES.flatMap((rate) => [`sudden at ${rate}`, 'alerts']),
      'first 5 minutes',
    ],
    rows,
  )
}

const variant = async (
  parameters: Parameters,
  panel: readonly Series[],
  { coins, weak, labels, around, day }: Sets,
): Promise<string[]> => {
  const { curves: krx } = marketFrom(await panelMinutes(panel), parameters)
  const { curves: coin } = marketFrom(await coinMinutes(coins), parameters)
  const onCoins = { ...around, parameters, market: () => coin }
  const onKrx = { ...KRX, parameters, market: () => krx }
  const precision = (series: readonly Series[], settings: ReplaySettings) =>
    shown(scoreEvents(series, labels, risesOf(settings)).averagePrecision)
  const movers = scoreMovers(day, productScorer({ ...onKrx, warmupMinutes: 30 }))
  const { signals, summary } = replay(panel, onKrx, RATES)
  const shocks = readShocks().filter(({ phase, openTime }) => phase === 'panel' && openTime >= JUDGED_FROM)
  const alerts = signals.map(alertsOf)
  return [
    precision(coins, { ...onCoins, horizons: [1] }),
    precision(weak, { ...onCoins, horizons: [1] }),
    precision(coins, onCoins),
    precision(weak, onCoins),
    outOf(movers.signalled, movers.movers),
    ...signals.flatMap((each, r) => {
      const keys = keysOf(each)
      const { all } = signalledOf(shocks, (key) => keys.has(key))
      return [outOf(all.signalled, all.of), shown(alerts[r]!.length / summary.sessions)]
    }),
    percent(alerts[0]!.filter((each) => isEarly(each, KRX.calendar)).length, alerts[0]!.length),
  ]
}
