import { type Bar, MINUTE } from './bar.ts'
import { createTracker, LEAST_TRADED, type Reading } from './features.ts'
import { clusterOf, fitModel } from './fit.ts'
import { createHistory, type HistoryRow, type Past } from './history.ts'
import type { Judgement } from './judgement.ts'
import type { Model } from './model.ts'
import { barMinutes, type Calendar } from './session.ts'
import { createRanking, type Ranking } from './severity.ts'
import { explain } from './why.ts'

export { boundary } from './budget.ts'
export { fitPool } from './pool.ts'

/** Whose minutes are judged, and by how fine a model. */
export interface DetectorSettings {
  readonly symbol: string
  readonly calendar: Calendar
  readonly k: 2 | 3 | 4
  readonly seed: number
  /** Minutes of history before the first judgement. */
  readonly warmupMinutes: number
  /** The market's pooled model as it was at a cutoff, for what the stock's own history is too short to say. */
  readonly pool?: (cutoff: number) => Model | null
}

/** A measured minute and the cluster that the newest model puts it in. */
export interface ClusteredRow extends HistoryRow {
  readonly cluster: number
}

/** Judges the minutes of one symbol by models of its own past. */
export interface Detector {
  /**
   * Judges the next bar, then learns from it. Refits by itself at session boundaries and when the warm-up is first reached, only from bars
   * before the cutoff, so results never depend on when it is run.
   *
   * @throws {RangeError} unless bars come in strict time order, inside sessions
   */
  push(bar: Bar): Judgement
  /** What is usual for the bar just pushed: typical volume and typical one-minute move (a fraction); null while learning. */
  readonly usual: { readonly volume: number; readonly move: number } | null
  /** The newest; null until the first judgement. */
  readonly model: Model | null
  /** Models fitted since the last call, for the store. */
  takeFitted(): Model[]
  /** Minutes of history so far and before the first judgement; null while it judges. */
  readonly learning: { readonly have: number; readonly need: number } | null
  /** The newest minutes, oldest first, with their clusters in the newest model (or in another). Empty while there is no model. */
  rows(model?: Model): ClusteredRow[]
  /** What its models are fitted from, for a market's pooled model. */
  readonly past: Past
  /** A model of any k from everything so far; null while learning. `cutoff`: the time from which it is to judge, after the newest bar unless given. */
  fitNow(k: number, cutoff?: number): Model | null
}

/** Minutes of trading before a minute is worth remembering. */
const SETTLED = 60

/**
 * A detector of one symbol that has seen no bar. What it says is a function of bars, settings and pooled models, to the last bit.
 *
 * @param known - stored models by cutoff, so that a restart need not fit again; one of other settings is not used
 */
export const createDetector = (settings: DetectorSettings, known: (cutoff: number) => Model | null = () => null): Detector => {
  const { symbol, calendar, k, seed, warmupMinutes } = settings
  const need = Math.max(1, warmupMinutes)
  const tracker = createTracker(calendar)
  const history = createHistory()
  const ranking = createRanking()
  let model: Model | null = null
  let fitted: Model[] = []
  let learning: { have: number; need: number } | null = { have: 0, need }
  let reading: Reading | null = null
  let newest = 0
  let sessionOpen = Number.NaN

  const fitAt = (cutoff: number, clusters: number): Model =>
    fitModel(history.rows(), {
      symbol,
      market: calendar.name,
      k: clusters,
      seed,
      cutoff,
      span: history.span,
      sessionMinutes: reading ? barMinutes(reading.session) : 0,
      peaks: history.peaks(),
      pool: settings.pool?.(cutoff) ?? null,
    })
  const renew = (cutoff: number) => {
    const stored = known(cutoff)
    if (stored && stored.symbol === symbol && stored.k === k && stored.seed === seed && stored.cutoff === cutoff) model = stored
    else {
      model = fitAt(cutoff, k)
      fitted.push(model)
    }
  }

  return {
    push(bar) {
      reading = tracker.push(bar)
      newest = bar.openTime
      const turns = reading.session.open !== sessionOpen
      sessionOpen = reading.session.open
      const have = Math.min(reading.have, Math.floor((reading.traded * need) / LEAST_TRADED))
      const ready = have >= need && reading.known && history.count > 0
      if (ready && (turns || model === null)) renew(turns ? sessionOpen : bar.openTime)
      const score = Math.log1p(reading.surge)
      let judgement: Judgement
      if (ready && model) {
        learning = null
        judgement = judge(bar, reading, score, model, ranking)
      } else {
        learning = { have: Math.max(0, Math.min(have, need - 1)), need }
        judgement = { state: 'learning', openTime: bar.openTime, ...learning }
      }
      if (reading.known && reading.have >= Math.min(SETTLED, need / 2)) history.add(bar.openTime, reading, score)
      return judgement
    },
    get usual() {
      return learning || !reading ? null : { volume: reading.meanVolume, move: reading.sigma }
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
    rows(by = model ?? undefined) {
      return by ? history.rows().map((row) => ({ ...row, cluster: clusterOf(by.clusters, row.surge) })) : []
    },
    past: history,
    fitNow: (clusters, cutoff = newest + MINUTE) => (learning ? null : fitAt(cutoff, clusters)),
  }
}

/** Judges one measured bar by a model and files its score. */
const judge = (bar: Bar, reading: Reading, score: number, model: Model, ranking: Ranking): Judgement => {
  const cluster = clusterOf(model.clusters, reading.surge)
  const rank = ranking.add(score)
  return {
    state: 'judged',
    openTime: bar.openTime,
    modelId: model.id,
    cluster,
    abnormal: model.clusters[cluster]!.abnormal,
    score,
    severity: { rank, of: ranking.count },
    features: { surge: reading.surge, price: reading.price, volume: reading.volume },
    why: explain(bar, reading, model),
  }
}
