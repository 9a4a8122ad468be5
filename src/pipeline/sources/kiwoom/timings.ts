/** Every wait of the source, so that a test can run a day in a second. */
export interface KiwoomTimings {
  /** One request may take this long. */
  readonly requestTimeoutMs: number
  /** The time between calls of one api-id, sustained. */
  readonly perApiMs: number
  /** The number of calls of one api-id that may go at once after a pause. */
  readonly burst: number
  /** The least time between any two calls, whatever their api-id. */
  readonly anyCallMs: number
  /** The first wait after a refused call, doubled with each further refusal; jitter is added on top. */
  readonly rateLimitMs: number
  /** The number of refusals in a row that end the call with an error. */
  readonly rateLimitAttempts: number
  /** The chart has a minute's last trades this long after the minute's end. */
  readonly chartDelayMs: number
  /** A trade on the live feed shows that every trade older than it by this has been delivered. */
  readonly feedDelayMs: number
  /** The largest error of our clock to expect while nothing has shown its error. */
  readonly unknownSkewMs: number
  /** If our clock is off by more than this, the operator must set it. */
  readonly skewLimitMs: number
  /** The chart is asked if the live feed has not shown this long after a minute's end that the minute is complete. */
  readonly liveWaitMs: number
  /** If no stock has traded for this long, silence of the live feed proves nothing. */
  readonly quietMs: number
  /** If one stock has not traded for this long while others have, the chart is asked whether it had no trade. */
  readonly stockQuietMs: number
  /** The time between two checks of a wait. */
  readonly pollMs: number
  /** The least time between two registrations. */
  readonly registerMs: number
  /** An answer on the live feed may take this long. */
  readonly answerMs: number
  /** The connection is dead if no frame came for this long. */
  readonly silenceMs: number
  /** The time between two checks of the connection. */
  readonly watchMs: number
  /** The first wait before connecting again, doubled with each failure up to the limit; jitter is taken off it. */
  readonly reconnectMs: number
  readonly reconnectLimitMs: number
  /** The first pause after another session took the key over or the key was refused, doubled up to the limit. */
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
  chartDelayMs: 3_000,
  feedDelayMs: 1_000,
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
