import { createTracker, HORIZONS, type Reading } from '../features/features.ts'
import type { MarketCurves } from '../features/market.ts'
import { marketOf } from '../features/markets.ts'
import { PARAMETERS, type Parameters } from '../features/parameters.ts'
import type { StateTape } from '../features/state-tape.ts'
import { type Bar, MINUTE } from '../time/bar.ts'
import { barMinutes, type Calendar } from '../time/session.ts'
import { clusterOf, fitModel } from './fit.ts'
import { createHistory, type HistoryRow, type Past } from './history.ts'
import { judgedBy } from './judge.ts'
import type { Judgement } from './judgement.ts'
import type { MarketCenters, Model } from './model.ts'
import { oddest, scalesOf, unscaled } from './scale.ts'
import { createRanking } from './severity.ts'

export { boundary } from './boundary.ts'
export { fitPool } from './pool.ts'

/** The symbol whose minutes are judged, and how its models are fitted. */
export interface DetectorSettings {
  readonly symbol: string
  readonly calendar: Calendar
  readonly k: 2 | 3 | 4
  readonly seed: number
  /** Minutes of history before the first judgement. */
  readonly warmupMinutes: number
  /** Lengths of the stretches in minutes, shortest first; {@link HORIZONS} unless given. */
  readonly horizons?: readonly number[]
  /** The market's curves at a cutoff; the shipped ones unless given. */
  readonly market?: (cutoff: number) => MarketCurves | null
  /** The imported centers of the market at a cutoff; without any, each model is fitted to the symbol's own past. */
  readonly centers?: (cutoff: number) => MarketCenters | null
  readonly parameters?: Parameters
}

/** A measured minute of one horizon and the cluster that the newest model puts it in. */
export interface ClusteredRow extends HistoryRow {
  readonly cluster: number
}

/** Judges the minutes of one symbol by models of its own past. */
export interface Detector {
  /**
   * Judges the next bar, then learns from it. Fits a new model at each session's start and when the warm-up is first
   * reached, only from bars before the cutoff, so results never depend on when it is run.
   *
   * @throws {RangeError} unless bars come in strict time order, inside sessions
   */
  push(bar: Bar): Judgement
  /** Usual volume and usual one-minute move (a fraction) at the bar just pushed; null while learning. */
  readonly usual: { readonly volume: number; readonly move: number } | null
  /** The newest model; null until the first judgement. */
  readonly model: Model | null
  /** Models fitted since the last call, for the store. */
  takeFitted(): Model[]
  /** Minutes of history so far and before the first judgement; null while it judges. */
  readonly learning: { readonly have: number; readonly need: number } | null
  /**
   * The move, as a fraction, by which a minute like the newest reaches a score on the scale of one minute, at a
   * multiple of the usual volume. Null while learning.
   *
   * @param horizon - its place among the horizons
   */
  moveFor(horizon: number, score: number, multiple: number): number | null
  /** The newest minutes of one horizon (by its place), oldest first, each with its cluster in the model. */
  rows(model: Model, horizon: number): ClusteredRow[]
  /** The history that its models are fitted to; a market's pool is made of many. */
  readonly past: Past
  /**
   * A model of any k from everything so far; null while learning.
   *
   * @param cutoff - the time from which it is to judge; the end of the newest bar unless given
   */
  fitNow(k: number, cutoff?: number): Model | null
  /**
   * Saves the whole rolling state to a tape, or restores it in a detector of the same settings that has seen no bar.
   *
   * @param current - the newest model, which the tape does not hold
   */
  carry(tape: StateTape, current: Model | null): void
}

/** Minutes of trading before a minute is worth remembering. */
export const REMEMBERED_FROM = 60

/**
 * A detector of one symbol that has seen no bar. Its judgements are a function of bars, settings and market curves, to
 * the last bit.
 *
 * @param known - stored models by cutoff, so that a restart need not fit again; a model of other settings is not used
 */
export const createDetector = (
  settings: DetectorSettings,
  known: (cutoff: number) => Model | null = () => null,
): Detector => {
  const { symbol, calendar, k, seed, warmupMinutes, parameters = PARAMETERS, horizons = HORIZONS } = settings
  const shipped = marketOf(calendar.name)
  const need = Math.max(1, warmupMinutes)
  const tracker = createTracker(calendar, shipped, parameters, horizons)
  const history = createHistory(horizons.length, parameters.alertHalfLife)
  const ranking = createRanking()
  const scores = new Float64Array(horizons.length)
  let model: Model | null = null
  let fitted: Model[] = []
  let learning: { have: number; need: number } | null = { have: 0, need }
  let reading: Reading | null = null
  let newest = 0
  let scales = scalesOf(horizons, curvesOf(horizons, shipped.curves), parameters.longShare)

  const fitAt = (cutoff: number, clusters: number): Model =>
    fitModel(history, {
      symbol,
      k: clusters,
      seed,
      cutoff,
      sessionMinutes: reading ? barMinutes(reading.session) : 1,
      horizons,
      market: curvesOf(horizons, settings.market?.(cutoff) ?? shipped.curves),
      parameters,
      // Another number of clusters is only looked at, and has no imported centers.
      centers: clusters === k ? (settings.centers?.(cutoff) ?? null) : null,
    })
  const judgeBy = (next: Model) => {
    model = next
    scales = next.horizons.map(({ scale }) => scale)
  }
  const renew = (cutoff: number) => {
    const stored = known(cutoff)
    if (stored && isFor(stored, settings, horizons, cutoff)) return judgeBy(stored)
    const fresh = fitAt(cutoff, k)
    fitted.push(fresh)
    judgeBy(fresh)
  }

  return {
    push(bar) {
      reading = tracker.push(bar)
      newest = bar.openTime
      if (reading.opens) history.turn(reading.index, barMinutes(reading.session))
      const have = Math.min(reading.have, Math.floor((reading.traded * need) / parameters.leastTraded))
      const ready = have >= need && reading.known && history.count > 0
      if (ready && (reading.opens || model === null)) renew(reading.opens ? reading.session.open : bar.openTime)
      for (let h = 0; h < horizons.length; h++) scores[h] = Math.log1p(reading.horizons[h]!.surge)
      const { horizon, score } = oddest(scales, scores)
      let judgement: Judgement
      if (ready && model) {
        learning = null
        const rank = ranking.add(score)
        const severity = { rank, of: ranking.count }
        judgement = judgedBy(model, { openTime: bar.openTime, reading, horizon, score, severity }, parameters)
      } else {
        learning = { have: Math.max(0, Math.min(have, need - 1)), need }
        judgement = { state: 'learning', openTime: bar.openTime, ...learning }
      }
      if (reading.known && reading.have >= Math.min(REMEMBERED_FROM, need / 2))
        history.add(bar.openTime, reading, scores, score)
      return judgement
    },
    get usual() {
      return learning || !reading ? null : { volume: reading.usualVolume, move: reading.sigma }
    },
    get model() {
      return model
    },
    takeFitted() {
      const taken = fitted
      fitted = []
      return taken
    },
    get learning() {
      return learning
    },
    moveFor(horizon, score, multiple) {
      if (learning || !reading || !model) return null
      const surge = Math.expm1(unscaled(model.horizons[horizon]!.scale, score))
      const { unit, tick } = reading.horizons[horizon]!
      return Math.expm1((surge * unit) / (parameters.moveAlone + Math.log1p(multiple)) + tick)
    },
    rows: ({ horizons: models }, horizon) =>
      history
        .rows(horizon)
        .map((row) => ({ ...row, cluster: clusterOf(models[horizon]!.edges, Math.log1p(row.surge)) })),
    past: history,
    fitNow: (clusters, cutoff = newest + MINUTE) => (learning ? null : fitAt(cutoff, clusters)),
    carry(tape, current) {
      for (const part of [tracker, history, ranking]) part.carry(tape)
      reading = tracker.reading
      newest = tape.number(newest)
      const have = tape.number(learning?.have ?? Number.NaN)
      learning = Number.isNaN(have) ? null : { have, need }
      if (current) judgeBy(current)
    },
  }
}

/** True for a stored model of the same settings, cutoff and imported centers. */
const isFor = (
  stored: Model,
  { symbol, k, seed, centers }: DetectorSettings,
  horizons: readonly number[],
  cutoff: number,
): boolean =>
  stored.symbol === symbol &&
  stored.k === k &&
  stored.seed === seed &&
  stored.cutoff === cutoff &&
  stored.imported?.id === centers?.(cutoff)?.id &&
  stored.horizons.map(({ minutes }) => minutes).join() === horizons.join()

/** The curves of these horizons. If there is one only, all horizons together are that one. */
const curvesOf = (horizons: readonly number[], curves: MarketCurves): MarketCurves =>
  horizons.length > 1 ? curves : { ...curves, combined: curves.horizons[String(horizons[0])]! }
