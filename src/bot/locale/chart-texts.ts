import type { Provenance } from '../../pipeline/sources/source.ts'
import type { Format } from './format.ts'

/** A judged minute in the words of a picture's title. */
export interface MinuteWords {
  readonly clock: string
  readonly move: string
  /** Volume as a multiple of the usual; null if the stock usually does not trade at that time. */
  readonly multiple: string | null
}

/** The content of a picture of bars, numbers and times already written out. */
export interface BarsSummary {
  readonly stock: string
  readonly from: string
  readonly to: string
  readonly stepMinutes: number
  readonly bars: string
  readonly open: string
  readonly close: string
  readonly low: string
  readonly high: string
  readonly largestVolume: string
  readonly largestVolumeAt: string
  /** The minute that the picture is about. */
  readonly minute:
    | (MinuteWords & { readonly abnormal: boolean; readonly volume: string; readonly usualVolume: string })
    | null
  readonly marks: readonly string[]
  readonly origin: string | null
}

/** The content of a picture of clusters, numbers and times already written out. */
export interface ClusterSummary {
  readonly stock: string
  readonly rows: string
  readonly axes: readonly [string, string]
  readonly clusters: readonly {
    readonly label: string
    readonly size: string
    readonly abnormal: boolean
    readonly center: readonly [string, string]
  }[]
  readonly star: { readonly moment: string; readonly label: string; readonly at: readonly [string, string] } | null
  readonly origin: string | null
}

/**
 * The words inside pictures, and the text in the place of a picture, in one language.
 * No text may contain `for (` or `while (`: QuickChart takes that for a loop and refuses the configuration.
 */
export interface ChartTexts {
  readonly locale: 'ko' | 'en'
  readonly format: Format
  readonly usualRange: string
  readonly usualVolume: string
  readonly volume: string
  readonly learning: string
  readonly noBars: string
  minuteTitle(minute: MinuteWords): string
  /** The name of bars of that many minutes. */
  candles(stepMinutes: number): string
  /** Null for real prices from an official feed. */
  origin(provenance: Provenance): string | null
  date(time: number, utcOffsetMinutes: number): string
  clustersTitle(k: number): string
  trainedOn(rows: string, cutoff: string): string
  /** The centers are those of the whole market; the minutes are the stock's own. */
  marketCentersOf(rows: string, cutoff: string): string
  cluster(label: string, abnormal: boolean, size: string): string
  readonly center: string
  readonly abnormalFrom: string
  readonly alertFrom: string
  star(moment: string): string
  axis(feature: string): string
  /** The text in the place of the picture, for people and programs that do not see it. */
  barsAlt(bars: BarsSummary): string
  clusterAlt(plot: ClusterSummary): string
  /** A short form of a number, for an axis. */
  tick(value: number): string
}

/** Joins sentences and leaves out the missing ones. */
export const joined = (sentences: readonly (string | null)[]): string =>
  sentences.filter((sentence) => sentence !== null && sentence !== '').join(' ')
