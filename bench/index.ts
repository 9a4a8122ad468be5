/**
 * Measurements that are run by hand: `npm run bench -- NAME [arguments]`. Each is a file of its own and loaded only if
 * named.
 */
const BENCHES: Record<string, { readonly says: string; run(): Promise<unknown> }> = {
  all: {
    says: 'every figure of speed and size in one table, each beside others',
    run: async () => (await import('./all.ts')).benchAll(),
  },
  sudden: {
    says: 'sudden minutes of real sessions, told in their own minute or not',
    run: async () => (await import('./sudden.ts')).benchSudden(),
  },
  detection: {
    says: 'the detector beside its rivals on labelled minutes',
    run: async () => (await import('./detection.ts')).benchDetection(),
  },
  channels: {
    says: 'realised against expected alerts a day, by channel',
    run: async () => (await import('./channels.ts')).benchChannels(),
  },
  'market-table': {
    says: 'makes the table of what is usual in a market, from recorded minutes',
    run: async () => (await import('./market-table.ts')).benchMarketTable(),
  },
  model: {
    says: 'bars judged and models fitted a second',
    run: async () => (await import('./model-speed.ts')).benchModelSpeed(),
  },
  market: {
    says: 'a minute of the whole market: bars in, stored, judged, posts owed',
    run: async () => (await import('./whole-market.ts')).benchWholeMarket(),
  },
  kiwoom: { says: 'ticks a second into closed minutes', run: async () => (await import('./kiwoom.ts')).benchKiwoom() },
  store: { says: 'bars written and read a second', run: async () => (await import('./store.ts')).benchStore() },
  search: {
    says: 'bars sent to a search node a second',
    run: async () => (await import('./search.ts')).benchSearch(),
  },
  kafka: {
    says: 'bars a second from a collector over a broker to judged ones',
    run: async () => (await import('./kafka.ts')).benchKafka(),
  },
  charts: { says: 'milliseconds a chart', run: async () => (await import('./charts.ts')).benchCharts() },
  deliver: {
    says: "from a minute's last bar to its alert, and an outbreak of 1,000 alerts",
    run: async () => (await import('./deliver.ts')).benchDeliver(),
  },
  start: {
    says: 'from the start of the process to the first answer',
    run: async () => (await import('./start.ts')).benchStart(),
  },
  history: {
    says: "twenty sessions of a market: memory, the night's fitting, the open",
    run: async () => (await import('./history.ts')).benchHistory(),
  },
  growth: {
    says: 'growth of the cost with stocks and sessions',
    run: async () => (await import('./growth.ts')).benchGrowth(),
  },
  size: {
    says: 'megabytes that npm ci installs',
    run: async () => (await import('./install-size.ts')).benchInstallSize(),
  },
}

const [name = ''] = process.argv.splice(2, 1)
const bench = BENCHES[name]
if (bench) await bench.run()
else {
  const lines = Object.entries(BENCHES).map(([key, { says }]) => `  ${key.padEnd(13)} ${says}`)
  console.error(`usage: npm run bench -- NAME\n${lines.join('\n')}`)
  process.exitCode = name === '' ? 0 : 2
}
