import { enCharts } from './en-charts.ts'
import { createFormat } from './format.ts'
import { ordinal } from './ordinal.ts'
import type { Texts } from './texts.ts'

const DROP_REASONS: Readonly<Record<string, string>> = {
  budget: 'not odd enough for this channel’s number of alerts',
  stale: 'too late to post',
  muted: 'muted',
  gone: 'channel gone',
  deleted: 'message deleted',
  rejected: 'refused by Discord',
}

const plural = (count: string, one: string) => `${count} ${one}${count === '1' ? '' : 's'}`
const superlative = (rank: number, most: string) => (rank === 1 ? most : `${ordinal(rank)} ${most}`)
const minuteCount = (minutes: number) => plural(String(minutes), 'minute')

export const en: Texts = {
  locale: 'en',
  languageName: 'English',
  format: createFormat('en'),

  stock: (name, symbol) => `${name} (${symbol})`,

  provenance: {
    real: 'real prices',
    simulated: 'SIMULATED market: these are not real prices',
    replay: 'REPLAY of past minutes: these are not prices of now',
    unofficial: (minutes) => (minutes > 0 ? `unofficial prices · about ${minutes} min late` : 'unofficial prices'),
  },

  exchangeWarnings: 'Exchange notices',

  trading: {
    segment: (market) => market,
    alsoNxt: 'also traded on Nextrade (NXT)',
    krxOnly: 'traded on KRX only',
  },

  interruptions: {
    title: 'Volatility interruption (VI)',
    types: { static: 'static', dynamic: 'dynamic', both: 'static and dynamic' },
    endUnknown: '(release not received)',
    trigger: (price) => `trigger price ${price}`,
    count: (count, today) => `no. ${count} ${today ? 'today' : 'of that day'}`,
  },

  alert: {
    sentence: ({ name, move, typicalMove, over, multiple, rank, of }) => {
      const moved =
        over === 'gap'
          ? `opened ${move} from the last close (usually ${typicalMove})`
          : `moved ${move} within ${over === 1 ? 'a minute' : `${over} minutes`} (usually ${typicalMove})`
      const traded =
        multiple === null ? 'traded after minutes without any trade' : `traded ${multiple} its usual volume`
      return `${name} ${moved} and ${traded}: the ${superlative(rank, 'most')} unusual of ${of} minutes.`
    },
    volumeShort: (multiple) => `volume ${multiple}`,
    volumeFromNothing: 'traded after no trades',
    rise: 'Stronger',
    late: 'this minute came late',
    move: 'Move',
    since: (clock, move, minutes) =>
      `Since ${clock}: ${move} · ${minutes} more abnormal ${minutes === 1 ? 'minute' : 'minutes'}`,
    moveValue: (move, typical, over) =>
      `**${move}**\nusually ±${typical} ${over === 'gap' ? 'from one day to the next' : over === 1 ? 'a minute' : `in ${over} minutes`}`,
    volume: 'Volume',
    volumeValue: (volume, typical, multiple) =>
      `**${volume}**\n${multiple === null ? 'usually no trades' : `${multiple} the usual ${typical}`}`,
    turnover: 'Turnover',
    turnoverValue: (turnover, typical) => `**${turnover}**\nusually ${typical}`,
    rank: 'How unusual',
    rankValue: (rank, of, top) => `**No. ${rank}** of ${of} minutes\ntop ${top}`,
    cluster: 'Cluster',
    clusterValue: (cluster, k, abnormal) =>
      `**${cluster}**${k === null ? '' : ` of ${k}`} · ${abnormal ? 'abnormal' : 'ordinary'}`,
    state: 'State',
    calmed: (clock, minutes) => `calmed at ${clock} · ${minuteCount(minutes)} abnormal`,
    ongoing: (minutes) => (minutes > 1 ? `going on · ${minuteCount(minutes)} abnormal` : 'going on'),
    price: 'Price',
  },

  watch: {
    started: (stock) => `This channel now watches ${stock}.`,
    already: (stock) => `This channel already watches ${stock}.`,
    progress: (phase, { bars, done, total, rate, left }) =>
      phase === 'fetch'
        ? `Fetching past minutes… ${done}/${total} days · ${bars} bars · ${rate}/s${left === null ? '' : ` · ${left} s left`}`
        : `Learning what is usual from ${bars} bars…`,
    learned: 'Learned from',
    learnedValue: (bars, sessions) => `${plural(bars, 'bar')} · ${plural(sessions, 'session')}`,
    learnedNothing: 'nothing yet',
    learning: (have, need) => `Still learning: ${have} of ${need} minutes. Judging starts as soon as they are there.`,
    unusual: (day) => `Most unusual minutes of ${day}`,
    noUnusual: 'No minute has been judged yet.',
    unusualLine: (clock, move, multiple, rank, of, abnormal) =>
      `**${clock}** ${move} · volume ${multiple} · no. ${rank} of ${of}${abnormal ? ' · abnormal' : ''}`,
    marketStarted: (market, stocks) =>
      `This channel now watches ${market}: ${plural(stocks, 'stock')}. Each is judged once its past has been learned from; \`/watchlist\` shows the market, \`/unwatch\` ends it.`,
    marketAlready: (market, stocks) => `This channel already watches ${market}: ${plural(stocks, 'stock')}.`,
    marketFull: (market, stocks, capacity) =>
      `${market.replace(/^all/, 'All')} is ${plural(stocks, 'stock')}, and this data source keeps up with ${capacity} a minute.`,
    marketUnlisted: (market) => `This data source does not list ${market}.`,
    full: (capacity) =>
      `This data source keeps up with ${capacity} stocks a minute, and all places are taken. Free one with \`/unwatch\`, then try again.`,
    missing: (permissions) =>
      `The bot may not post alerts here. It lacks: ${permissions.map((name) => en.watch.permissions[name]).join(', ')}. Someone who manages the server can grant this.`,
    permissions: {
      ViewChannel: 'View Channel',
      SendMessages: 'Send Messages',
      SendMessagesInThreads: 'Send Messages in Threads',
      EmbedLinks: 'Embed Links',
      AttachFiles: 'Attach Files',
    },
  },

  markets: { kospi: 'all of KOSPI', kosdaq: 'all of KOSDAQ', krx: 'all of KOSPI and KOSDAQ' },

  unwatch: {
    marketDone: (market) => `This channel no longer watches ${market}.`,
    marketNotWatched: (market) => `This channel does not watch ${market}. See \`/watchlist\`.`,
    done: (stock) => `This channel no longer watches ${stock}.`,
    notWatched: (symbol) => `This channel does not watch ${symbol}. See \`/watchlist\`.`,
  },

  watchlist: {
    market: (market, stocks) => `**${market}** · ${plural(stocks, 'stock')}`,
    title: 'Watched here',
    empty: 'Nothing is watched here yet. Begin with `/watch` and a stock code, like `/watch 038530`.',
    count: (stocks) => plural(stocks, 'stock'),
    line: (price, clock, state) =>
      price === null ? state : `${price}${clock === null ? '' : ` (${clock})`} · ${state}`,
    judged: 'judged every minute',
    learning: (have, need) => `learning (${have} of ${need} minutes)`,
    lastEpisode: (moment) => `last abnormal ${moment}`,
    paused: 'Alerts are paused: the bot may not post here. They start again by themselves once it may.',
    more: (count) => `and ${count} more`,
  },

  centers: {
    title: (stock, k) => `${stock} · centers of ${k} clusters`,
    trained: (rows, cutoff, trainedAt) => `Learned from ${rows} minutes up to ${cutoff} · on ${trainedAt}`,
    imported: (origin, importedAt, rows, cutoff) =>
      `Centers of the whole market from ${origin}, imported on ${importedAt} · ${rows} minutes of this stock up to ${cutoff} counted into them`,
    cluster: (index, size, share, abnormal) => `${index} · ${size} minutes (${share})${abnormal ? ' · abnormal' : ''}`,
    typical: (move, multiple) => `typically ±${move} on ${multiple} the usual volume`,
    abnormalFrom: 'Abnormal begins at',
    alertFrom: 'This channel is told from',
    from: (minutes, usual, tenfold) =>
      `within ${minutes === 1 ? 'a minute' : `${minutes} minutes`}: ±${usual} on usual volume, ±${tenfold} on ten times it`,
    noAlertsLeft: 'nothing more today: its number is used up',
    noise: 'Flagged on a day without events',
    noiseValue: (perSession) => `${perSession} minutes a day`,
    inertia: 'Inertia',
    changesNote:
      'The old way (price and volume against the minute before, in %). It takes noise for events, so alerts do not use it.',
    modelNote: 'A minute that lands in the abnormal cluster and reaches this channel’s boundary becomes an alert.',
  },

  changes: {
    both: (price, volume) => `price ${price} · volume ${volume}`,
    sentence: (name, price, volume, rank, of) =>
      `${name}: price ${price} and volume ${volume} against the minute before, the ${superlative(rank, 'largest')} change of ${of} minutes.`,
    caution:
      'This table holds changes against the minute before and nothing else. After a minute with hardly any trade they are large by that alone.',
    price: 'Price change',
    volume: 'Volume change',
    size: 'Cluster size',
    sizeValue: (size, rows) => `**${size} min**\nof ${rows} learned from`,
    line: (moment, changes, rank, of, minutes) =>
      `**${moment}** ${changes} · rank ${rank} of ${of}${minutes > 1 ? ` · ${minutes} min` : ''}`,
    note: 'The old way (raw % against the minute before). This table has no prices, so a minute in the smaller cluster becomes an alert, within this channel’s number.',
    noChart: 'This table holds changes and no prices, so there is no chart to draw. Try `/centers` or `/history`.',
  },

  history: {
    title: (stock) => `${stock} · abnormal minutes`,
    empty: 'No minute has been found abnormal yet.',
    line: (moment, move, multiple, rank, of, minutes) =>
      `**${moment}** ${move} · volume ${multiple} · no. ${rank} of ${of}${minutes > 1 ? ` · ${minuteCount(minutes)}` : ''}`,
    posted: (state, reason) => {
      if (state === 'sent') return 'posted'
      if (state === 'pending') return 'being posted'
      if (state === 'none') return 'kept only'
      return reason === null ? 'kept only' : `kept only · ${DROP_REASONS[reason] ?? reason}`
    },
    older: 'judged by an older model',
    more: (count) => `and ${count} more`,
  },

  chart: {
    title: (stock, day) => (day === null ? stock : `${stock} · ${day}`),
    empty: 'There are no minutes to draw yet.',
    caption: (from, to, price, change) => `${from}–${to} · ${price} (${change})`,
  },

  sensitivity: {
    title: 'Alerts in this channel',
    set: (perDay) =>
      `Set to about ${plural(perDay, 'alert')} a day for this channel. Other abnormal minutes are kept in \`/history\`.`,
    current: (perDay) => `About ${plural(perDay, 'alert')} a day for this channel.`,
    expected: 'To expect',
    expectedValue: (perDay, stocks, most) =>
      `about **${perDay} a day** for ${plural(stocks, 'stock')} · never more than ${most}`,
    realised: 'Last finished sessions',
    realisedValue: (perDay, sessions) => `${perDay} a day over ${plural(sessions, 'session')}`,
    notYet: 'no session has finished yet',
    converted: (perWeek, perDay) =>
      `The number is now said for the whole channel and a day: what was ${perWeek} per stock and week has become ${perDay} a day.`,
    nothingWatched: 'This channel watches no stock yet.',
  },

  language: {
    set: () => 'Alerts in this channel are now in English.',
  },

  help: {
    title: 'minutewatch',
    what: 'Watches every minute of a stock and says at once, with a chart, when a minute is clearly unlike what is usual for that stock.',
    howTitle: 'How a minute is judged',
    how: 'For each stock, k-means splits its past minutes into clusters by price move and volume. A minute that has just closed and lands in an abnormal cluster is an abnormal minute. Only what came before the minute is used to judge it. Abnormal minutes close together make one alert.',
    commandsTitle: 'Commands',
    notesTitle: 'Good to know',
    notes: 'The bot states facts about what happened. It gives no advice and says nothing about future prices.',
  },

  errors: {
    whichMarket: 'There is no such market: choose `market:kosdaq`, `market:kospi`, or `market:krx` for both.',
    malformed: (text) => `“${text}” cannot be read as a stock code or name.`,
    unknown: (text) => `“${text}” is not listed here.`,
    suggestions: (list) => `Did you mean one of these? ${list}`,
    howToName: 'Give the six-character code (like `038530`) or the name of the stock.',
    retryable: 'The data source does not answer right now. It is tried again by itself; repeat the command in a while.',
    setup:
      'Whoever runs the bot has to mend a setting before this can be answered. The bot’s log says in one sentence what.',
    unlisted: (symbol) => `The data source has no stock ${symbol}.`,
    failed: (reference) =>
      `Sorry, something went wrong inside the bot. Give whoever runs it this reference: \`${reference}\``,
    guildOnly: 'This command works only in a server channel.',
    stopping: 'The bot is shutting down. Try again in a while.',
  },

  historyNotice: (channel) =>
    `The bot may not read the history of ${channel}, so a stronger minute cannot answer its alert there and is posted by itself. Grant Read Message History to have them together.`,

  pausedNotice: (channel, needed) =>
    `Alerts for ${channel} are paused: the bot may not post there. They start again by themselves once it has ${needed.map((name) => en.watch.permissions[name]).join(', ')}.`,

  notices: {
    unanswered: (stocks, source, since) =>
      `The market is open, but no minute of ${stocks} has come from ${source} since ${since}; the bot keeps asking and fills the gap with what comes.`,
    empty: (stocks, source, since) =>
      `The market is open, but not one trade of ${stocks} has come from ${source} since ${since}, as it would be in a market-wide halt (circuit breaker); the bot keeps asking and fills the gap with what comes.`,
    alone: (stocks, source, since) =>
      `${stocks} traded steadily, and ${source} has had no trade of it since ${since}, as it would be in a trading halt; the bot keeps asking.`,
    unfilled: (stocks, source, since) =>
      `The calendar calls this a trading day, but the collector has written no minute of ${stocks} into ${source} since ${since}; if the market is open, whoever runs the collector should look at it.`,
    back: (stocks, source, since) =>
      `Minutes of ${stocks} come from ${source} again; the gap that began at ${since} is filled with what ${source} had of it.`,
    closed: (day) =>
      `The calendar calls ${day} a trading day, but nothing has traded an hour after the open, so the bot takes the market for closed and only goes on looking for a first trade.`,
    open: (day) => `Trades have come on ${day}, which was taken for a closed day; the bot judges every minute again.`,
    more: (stocks, left) => `${stocks} and ${left} more`,
  },

  charts: enCharts,

  commands: {
    watch: 'Watch a stock in this channel',
    unwatch: 'Stop watching a stock here',
    watchlist: 'Stocks this channel watches',
    centers: 'Clusters of a stock and their centers',
    history: 'Abnormal minutes of a stock',
    chart: 'One-minute chart of a stock',
    sensitivity: 'See or set how often this channel is alerted',
    language: 'Language of the alerts in this channel',
    help: 'What this bot does',
  },
  options: {
    symbol: 'Stock code or name',
    k: 'How many clusters',
    features: 'What the minutes are clustered by',
    raw: 'Show the raw numbers of the model',
    count: 'How many',
    minutes: 'How many minutes',
    level: 'How often',
    alerts: 'Alerts a day for this channel (your own number)',
    language: 'Language',
  },
  choices: {
    model: 'ours (what alerts use)',
    seed: 'the old way (% against the minute before)',
    quiet: 'quiet (about 2 a day)',
    normal: 'normal (about 6 a day)',
    lively: 'lively (about 20 a day)',
  },
}
