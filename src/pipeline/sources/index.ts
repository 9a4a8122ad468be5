import type { Log } from '../../log.ts'
import type { Calendar } from '../../model/time/session.ts'
import { loadKrxCalendar } from '../calendar/krx.ts'
import { readCalendarOverrides } from '../calendar/overrides.ts'
import type { Store } from '../store/contract.ts'
import { createCsvSource, replaySeries } from './csv/source.ts'
import { createStoredChangesSource, TOPIC_SERIES } from './kafka/source.ts'
import { createKiwoomSource } from './kiwoom/source.ts'
import { createNaverSource } from './naver/source.ts'
import { createSimulatedSource, simulatedSeries } from './simulated/source.ts'
import type { BarSource, ChangesSource } from './source.ts'
import { createYahooSource } from './yahoo/source.ts'

/** The part of the process's configuration that the sources read, under the same names. */
export interface SourceSettings {
  readonly DATABASE_URL: string
  readonly KIWOOM_APP_KEY?: string | undefined
  readonly KIWOOM_SECRET_KEY?: string | undefined
  readonly KIWOOM_REST_URL: string
  readonly KIWOOM_WS_URL: string
  readonly KIWOOM_MARKET: 'KRX' | 'NX' | 'AL'
  readonly BRIDGE_URL?: string | undefined
  readonly BRIDGE_TABLE?: string | undefined
  readonly CSV_FILE?: string | undefined
  readonly CSV_HOURS: 'krx' | '24h'
  readonly CSV_SPEED: number | 'max'
  readonly SIMULATED_SEED: number
  readonly SIMULATED_SPEED: number
  readonly CALENDAR_FILE?: string | undefined
}

interface Surroundings {
  readonly store: Pick<Store, 'bars' | 'changes' | 'keyValues' | 'marketEvents'>
  readonly log: Log
  /** Wall clock, epoch ms. */
  readonly now: () => number
}

/** A source of bars, or one of the old system's rows. */
export type AnySource = BarSource | ChangesSource

type CreateSource = (settings: SourceSettings, surroundings: Surroundings) => AnySource | Promise<AnySource>

const krx = (settings: SourceSettings): Promise<Calendar> => loadKrxCalendar(settings.CALENDAR_FILE ?? null)

/** Every source by the name that `SOURCE` chooses it with. A new one is a folder, its tests, and one entry here. */
export const sources = {
  kiwoom: async (settings, { store, now, log }) =>
    createKiwoomSource({
      appKey: settings.KIWOOM_APP_KEY ?? '',
      secretKey: settings.KIWOOM_SECRET_KEY ?? '',
      restUrl: settings.KIWOOM_REST_URL,
      wsUrl: settings.KIWOOM_WS_URL,
      market: settings.KIWOOM_MARKET,
      calendar: await krx(settings),
      marketEvents: store.marketEvents,
      now,
      log,
    }),
  naver: async (settings, { now, log }) => createNaverSource({ calendar: await krx(settings), now, log }),
  yahoo: async (settings, { now, log }) => createYahooSource({ calendar: await krx(settings), now, log }),
  bridge: async (settings, { now, log }) => {
    // These load MariaDB's client.
    const [changes, bars] = await Promise.all([import('./bridge/changes.ts'), import('./bridge/source.ts')])
    const options = {
      url: settings.BRIDGE_URL ?? settings.DATABASE_URL,
      setting: settings.BRIDGE_URL === undefined ? 'DATABASE_URL' : 'BRIDGE_URL',
      ...(settings.BRIDGE_TABLE === undefined ? {} : { table: settings.BRIDGE_TABLE }),
      calendar: await krx(settings),
      now,
      log,
    }
    return (await changes.holdsChanges(options, new AbortController().signal))
      ? changes.createTrainingsetSource(options)
      : bars.createBridgeSource(options)
  },
  csv: async (settings, { store, now, log }) => {
    const path = settings.CSV_FILE ?? ''
    const series = replaySeries(path)
    return createCsvSource({
      path,
      series,
      speed: settings.CSV_SPEED,
      hours: settings.CSV_HOURS,
      now,
      resumeAt: await store.bars.newest(series),
      ...(settings.CALENDAR_FILE === undefined
        ? {}
        : { overrides: await readCalendarOverrides(settings.CALENDAR_FILE) }),
      report: (sentence) => log.warn({ file: path, problem: sentence }, 'row of the bars file left out or put right'),
    })
  },
  kafka: async (settings, { store, now }) =>
    createStoredChangesSource({ series: TOPIC_SERIES, calendar: await krx(settings), changes: store.changes, now }),
  simulated: async (settings, { store, now }) => {
    const { SIMULATED_SEED: seed, SIMULATED_SPEED: speed } = settings
    const series = simulatedSeries(seed)
    const key = `live-from:${series}`
    const [startAt, liveFrom] = [await store.bars.newest(series), await store.keyValues.get(key)]
    const source = createSimulatedSource({ seed, series, speed, now, startAt, liveFrom })
    if (liveFrom === null) await store.keyValues.set(key, source.liveFrom)
    return source
  },
} satisfies Record<string, CreateSource>

export type SourceName = keyof typeof sources
