/** Every wait of the source, so that a test can run a day in a second. */
export interface KiwoomTimings {
  /** One request may take this long. */
  readonly requestTimeoutMs: number
  /** Sustained pace of one api-id, and how many calls may go at once after a pause. */
  readonly perApiMs: number
  readonly burst: number
  /** Distance between any two calls, whatever their api-id. */
  readonly anyCallMs: number
  /** First wait after a refused call, doubled with each further refusal, jitter added on top. */
  readonly rateLimitMs: number
  readonly rateLimitAttempts: number
  /** The chart has a minute's last trades this long after the minute's end. */
  readonly settleMs: number
  /** A trade on the live feed says that every trade older than it by this has been delivered. */
  readonly streamSettleMs: number
  /** How far our clock may be off while nothing has shown how far it is. */
  readonly unknownSkewMs: number
  /** How far it may be off at all before the operator must set it. */
  readonly skewLimitMs: number
  /** How long past a minute's end the live feed may take to show that it is complete before the chart is asked. */
  readonly liveWaitMs: number
  /** Without a trade of any stock for this long, silence of the live feed proves nothing. */
  readonly quietMs: number
  /** Without a trade of one stock for this long while others trade, the chart is asked whether there was none. */
  readonly stockQuietMs: number
  readonly pollMs: number
  /** Distance between two registrations, and how long an answer may take. */
  readonly registerMs: number
  readonly answerMs: number
  /** No frame at all for this long: the connection is dead. */
  readonly silenceMs: number
  /** How often that is looked at. */
  readonly watchMs: number
  readonly reconnectMs: number
  readonly reconnectLimitMs: number
  /** Another session has taken the key over, or the key was refused: leave it alone this long, doubled up to the limit. */
  readonly standBackMs: number
  readonly standBackLimitMs: number
}

export const KIWOOM_TIMINGS: KiwoomTimings = {
  requestTimeoutMs: 15_000,
  perApiMs: 1_100,
  burst: 2,
  anyCallMs: 250,
  rateLimitMs: 1_300,
  rateLimitAttempts: 5,
  settleMs: 3_000,
  streamSettleMs: 1_000,
  unknownSkewMs: 5_000,
  skewLimitMs: 30_000,
  liveWaitMs: 3_000,
  quietMs: 120_000,
  stockQuietMs: 300_000,
  pollMs: 50,
  registerMs: 2_200,
  answerMs: 10_000,
  silenceMs: 60_000,
  watchMs: 5_000,
  reconnectMs: 1_000,
  reconnectLimitMs: 60_000,
  standBackMs: 300_000,
  standBackLimitMs: 1_800_000,
}
