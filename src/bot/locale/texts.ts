import type { Format } from './format.ts'

export type Locale = 'ko' | 'en'

export type PermissionName = 'ViewChannel' | 'SendMessages' | 'SendMessagesInThreads' | 'EmbedLinks' | 'AttachFiles'

/** Everything the bot says in one language. Both tables have every key: one missing is a type error. Facts, never advice. */
export interface Texts {
  readonly locale: Locale
  readonly format: Format

  readonly provenance: {
    readonly real: string
    readonly simulated: string
    readonly replay: string
    unofficial(delayMinutes: number): string
  }

  /** What the exchange itself has said about the stock. */
  readonly exchangeWarnings: string

  /** Where the stock trades: its segment of KRX, and whether Nextrade trades it too. */
  readonly trading: {
    segment(market: string): string
    readonly alsoNxt: string
    readonly krxOnly: string
  }

  /** Call auctions by which the exchange stopped the stock's continuous trading. */
  readonly interruptions: {
    readonly title: string
    readonly types: Readonly<Record<'static' | 'dynamic' | 'both', string>>
    /** In the place of a release that was never heard of. */
    readonly endUnknown: string
    trigger(price: string): string
    /** How many of its day. */
    count(count: string, today: boolean): string
  }

  readonly alert: {
    /** First line of a post, what a phone shows: the parts are put together already. */
    volumeShort(multiple: string): string
    readonly volumeFromNothing: string
    readonly rise: string
    readonly late: string
    readonly move: string
    /** What followed the minute that the alert names. */
    since(clock: string, move: string, minutes: number): string
    /** `over`: the minutes of the stretch, or the overnight gap. */
    moveValue(move: string, typical: string, over: number | 'gap'): string
    readonly volume: string
    volumeValue(volume: string, typical: string, multiple: string | null): string
    readonly turnover: string
    turnoverValue(turnover: string, typical: string): string
    readonly rank: string
    rankValue(rank: string, of: string, top: string): string
    readonly cluster: string
    clusterValue(cluster: number, k: number | null, abnormal: boolean): string
    readonly state: string
    calmed(clock: string, minutes: number): string
    ongoing(minutes: number): string
    readonly price: string
  }

  readonly watch: {
    started(stock: string): string
    already(stock: string): string
    /** `left`: seconds, where they can be told. */
    progress(
      phase: 'fetch' | 'train',
      at: { bars: string; done: string; total: string; rate: string; left: string | null },
    ): string
    readonly learned: string
    learnedValue(bars: string, sessions: string): string
    readonly learnedNothing: string
    learning(have: string, need: string): string
    unusual(day: string): string
    readonly noUnusual: string
    unusualLine(clock: string, move: string, multiple: string, rank: string, of: string, abnormal: boolean): string
    full(capacity: string): string
    missing(permissions: readonly PermissionName[]): string
    readonly permissions: Readonly<Record<PermissionName, string>>
  }

  readonly unwatch: {
    done(stock: string): string
    notWatched(symbol: string): string
  }

  readonly watchlist: {
    readonly title: string
    readonly empty: string
    count(stocks: string): string
    line(price: string | null, clock: string | null, state: string): string
    readonly judged: string
    learning(have: string, need: string): string
    lastEpisode(moment: string): string
    readonly paused: string
    more(count: string): string
  }

  readonly centers: {
    title(stock: string, k: number): string
    trained(rows: string, cutoff: string, trainedAt: string): string
    cluster(index: number, size: string, share: string, abnormal: boolean): string
    /** Typical move and multiple of the usual volume. */
    typical(move: string, multiple: string): string
    readonly abnormalFrom: string
    readonly toldFrom: string
    /** The smallest move at the usual volume and at ten times it. */
    from(minutes: number, usual: string, tenfold: string): string
    readonly nothingTold: string
    readonly noise: string
    noiseValue(perSession: string): string
    readonly inertia: string
    readonly star: string
    readonly changesNote: string
    readonly modelNote: string
  }

  /** Of a source that has only the old system's rows: changes against the minute before, and no prices. */
  readonly seed: {
    changes(price: string, volume: string): string
    sentence(name: string, price: string, volume: string, rank: number, of: string): string
    /** What such a change does not say. */
    readonly caution: string
    readonly price: string
    readonly volume: string
    readonly size: string
    sizeValue(size: string, rows: string): string
    line(moment: string, changes: string, rank: string, of: string, minutes: number): string
    readonly note: string
    readonly noChart: string
  }

  readonly history: {
    title(stock: string): string
    readonly empty: string
    line(moment: string, move: string, multiple: string, rank: string, of: string, minutes: number): string
    posted(state: 'sent' | 'pending' | 'dropped' | 'none', reason: string | null): string
    /** Judged by an older detector. */
    readonly older: string
    more(count: string): string
  }

  readonly chart: {
    title(stock: string, day: string | null): string
    readonly empty: string
    caption(from: string, to: string, price: string, change: string): string
  }

  readonly sensitivity: {
    readonly title: string
    readonly levels: { readonly quiet: string; readonly normal: string; readonly lively: string }
    set(perDay: string): string
    current(perDay: string): string
    /** What the number means for the stocks watched here. */
    readonly expected: string
    expectedValue(perDay: string, stocks: string, most: string): string
    readonly realised: string
    realisedValue(perDay: string, sessions: string): string
    readonly notYet: string
    /** The number was said per stock and week before. */
    converted(perWeek: string, perDay: string): string
    readonly nothingWatched: string
  }

  readonly language: {
    set(): string
  }

  readonly help: {
    readonly title: string
    readonly what: string
    readonly howTitle: string
    readonly how: string
    readonly commandsTitle: string
    readonly factsTitle: string
    readonly facts: string
  }

  readonly errors: {
    malformed(text: string): string
    unknown(text: string): string
    suggestions(list: string): string
    readonly howToName: string
    readonly retryable: string
    /** The operator must act; what to do stands in the log alone. */
    readonly setup: string
    unlisted(symbol: string): string
    failed(reference: string): string
    readonly guildOnly: string
    readonly stopping: string
  }

  /** Told once to those who run the guild. */
  pausedNotice(channel: string, needed: readonly PermissionName[]): string
  /** Told once: replies go without the message that they answer. */
  historyNotice(channel: string): string

  /** What a channel is told of its feed: one sentence each. `stocks` is a list put together already. */
  readonly notices: {
    unanswered(stocks: string, source: string, since: string): string
    empty(stocks: string, source: string, since: string): string
    alone(stocks: string, source: string, since: string): string
    unfilled(stocks: string, source: string, since: string): string
    back(stocks: string, source: string, since: string): string
    closed(day: string): string
    open(day: string): string
    more(stocks: string, left: string): string
  }

  /** What Discord's own menu shows; names stay as they are typed. */
  readonly commands: {
    readonly watch: { readonly description: string; readonly symbol: string }
    readonly unwatch: { readonly description: string; readonly symbol: string }
    readonly watchlist: { readonly description: string }
    readonly centers: {
      readonly description: string
      readonly symbol: string
      readonly k: string
      readonly features: string
      readonly raw: string
      readonly model: string
      readonly seed: string
    }
    readonly history: { readonly description: string; readonly symbol: string; readonly count: string }
    readonly chart: { readonly description: string; readonly symbol: string; readonly minutes: string }
    readonly sensitivity: {
      readonly description: string
      readonly level: string
      readonly alerts: string
      readonly quiet: string
      readonly normal: string
      readonly lively: string
    }
    readonly language: { readonly description: string; readonly language: string }
    readonly help: { readonly description: string }
  }
}
