import type { MarketName } from '../../pipeline/store/records.ts'
import type { ChartTexts } from './chart-texts.ts'
import type { Format } from './format.ts'

export type Locale = 'ko' | 'en'

export type PermissionName = 'ViewChannel' | 'SendMessages' | 'SendMessagesInThreads' | 'EmbedLinks' | 'AttachFiles'

/** One judged minute in numbers that are already written out, for the sentence that explains an alert. */
export interface MinuteStory {
  /** The stock's name. */
  readonly name: string
  readonly move: string
  readonly typicalMove: string
  /** Length of the stretch in minutes, or `gap` if the move is an overnight gap. */
  readonly over: number | 'gap'
  /** Volume as a multiple of the usual; null if the stock usually does not trade at that time. */
  readonly multiple: string | null
  /** 1 is the most unusual of all minutes. */
  readonly rank: number
  readonly of: string
}

/** Every text of the bot in one language. It states facts and gives no advice. */
export interface Texts {
  readonly locale: Locale
  /** The language's name in the language itself. */
  readonly languageName: string
  readonly format: Format

  /** A stock's name beside its code. */
  stock(name: string, symbol: string): string

  readonly provenance: {
    readonly real: string
    readonly simulated: string
    readonly replay: string
    unofficial(delayMinutes: number): string
  }

  /** Title of the exchange's own warnings about the stock. */
  readonly exchangeWarnings: string

  /** The stock's segment of KRX, and whether Nextrade trades it too. */
  readonly trading: {
    segment(market: string): string
    readonly alsoNxt: string
    readonly krxOnly: string
  }

  /** Call auctions by which the exchange stopped the stock's continuous trading. */
  readonly interruptions: {
    readonly title: string
    readonly types: Readonly<Record<'static' | 'dynamic' | 'both', string>>
    /** Takes the place of the release's time if the release was never received. */
    readonly endUnknown: string
    trigger(price: string): string
    /** The interruption's number within its day. */
    count(count: string, today: boolean): string
  }

  readonly alert: {
    /** The sentence that explains the alert: what happened, what is usual, and how unusual it was. */
    sentence(minute: MinuteStory): string
    /** Parts of a post's first line, which a phone's notification shows. */
    volumeShort(multiple: string): string
    readonly volumeFromNothing: string
    readonly rise: string
    readonly late: string
    readonly move: string
    /** The move and the abnormal minutes after the minute that the alert names. */
    since(clock: string, move: string, minutes: number): string
    /** @param over - length of the stretch in minutes, or `gap` for an overnight gap */
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
    /** `left` is in seconds; null if it cannot be estimated yet. */
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
    marketStarted(market: string, stocks: string): string
    marketAlready(market: string, stocks: string): string
    marketFull(market: string, stocks: string, capacity: string): string
    marketUnlisted(market: string): string
    missing(permissions: readonly PermissionName[]): string
    readonly permissions: Readonly<Record<PermissionName, string>>
  }

  readonly markets: Readonly<Record<MarketName, string>>

  readonly unwatch: {
    done(stock: string): string
    notWatched(symbol: string): string
    marketDone(market: string): string
    marketNotWatched(market: string): string
  }

  readonly watchlist: {
    market(market: string, stocks: string): string
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
    /** Centers of the whole market; the stock's own minutes are counted into their clusters. */
    imported(origin: string, importedAt: string, rows: string, cutoff: string): string
    cluster(index: number, size: string, share: string, abnormal: boolean): string
    /** A cluster's center: its move, and its volume as a multiple of the usual. */
    typical(move: string, multiple: string): string
    readonly abnormalFrom: string
    readonly alertFrom: string
    /** The smallest move that counts, at the usual volume and at ten times it. */
    from(minutes: number, usual: string, tenfold: string): string
    readonly noAlertsLeft: string
    readonly noise: string
    noiseValue(perSession: string): string
    readonly inertia: string
    readonly changesNote: string
    readonly modelNote: string
  }

  /** Texts for a source of the old system's rows: changes against the minute before, and no prices. */
  readonly changes: {
    both(price: string, volume: string): string
    sentence(name: string, price: string, volume: string, rank: number, of: string): string
    /** Warns of what such a change cannot show. */
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
    /** Marks a minute that an older detector judged. */
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
    set(perDay: string): string
    current(perDay: string): string
    /** Title of what the number means for the stocks watched here. */
    readonly expected: string
    expectedValue(perDay: string, stocks: string, most: string): string
    readonly realised: string
    realisedValue(perDay: string, sessions: string): string
    readonly notYet: string
    /** Explains once that the number, formerly a stock and week's, is now a channel and day's. */
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
    readonly notesTitle: string
    readonly notes: string
  }

  readonly errors: {
    readonly whichMarket: string
    malformed(text: string): string
    unknown(text: string): string
    suggestions(list: string): string
    readonly howToName: string
    readonly retryable: string
    /** The operator must act. Only the log says how. */
    readonly setup: string
    unlisted(symbol: string): string
    failed(reference: string): string
    readonly guildOnly: string
    readonly stopping: string
  }

  /** Goes once to those who run the guild. */
  pausedNotice(channel: string, needed: readonly PermissionName[]): string
  /** Goes once to those who run the guild: replies are posted without the message that they answer. */
  historyNotice(channel: string): string

  /** Notices about a channel's feed, one sentence each. `stocks` is a list that is already written out. */
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

  /** The words inside pictures. */
  readonly charts: ChartTexts

  /**
   * Descriptions of the commands in Discord's menu, in the order of `/help`. Their names are the same in every
   * language.
   */
  readonly commands: Readonly<
    Record<
      'watch' | 'unwatch' | 'watchlist' | 'centers' | 'history' | 'chart' | 'sensitivity' | 'language' | 'help',
      string
    >
  >
  /** Descriptions of the commands' options; an option of the same name means the same in every command. */
  readonly options: Readonly<
    Record<'symbol' | 'k' | 'features' | 'raw' | 'count' | 'minutes' | 'level' | 'alerts' | 'language', string>
  >
  /** Names of the values that an option offers. */
  readonly choices: Readonly<Record<'model' | 'seed' | 'quiet' | 'normal' | 'lively', string>>
}

export type CommandName = keyof Texts['commands']
