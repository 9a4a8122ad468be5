import { once } from 'node:events'
import { styleText } from 'node:util'
import dotenv from 'dotenv'
import packageJson from '../package.json' with { type: 'json' }
import { type App, startApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { errorText } from './error-text.ts'
import { createLog } from './log.ts'

const say = (line = '') => void process.stdout.write(`${line}\n`)
const row = (name: string, value: string) => say(`  ${styleText('dim', name.padEnd(10))}${value}`)

const market = (config: Config): string => {
  switch (config.SOURCE) {
    case 'simulated':
      return `simulated, ${config.SIMULATED_SPEED} times as fast as the clock (seed ${config.SIMULATED_SEED}): no real trades`
    case 'csv':
      return `replay of ${config.CSV_FILE}, ${config.CSV_SPEED === 'max' ? 'as fast as it goes' : `${config.CSV_SPEED} times as fast as the clock`}`
    default:
      return config.SOURCE
  }
}

const introduce = async (app: App, config: Config): Promise<void> => {
  say(`${styleText('bold', 'minutewatch')} ${packageJson.version} is running`)
  if (config.ROLE !== 'all') row('role', config.ROLE)
  row('market', market(config))
  row('watching', await watching(app))
  row('database', app.store.description)
  if (app.sandbox) row('Discord', `a local one: open ${styleText('cyan', app.sandbox.url)}`)
  else if (app.client)
    row('Discord', `signed in as ${app.client.user?.tag ?? '?'} in ${servers(app.client.guilds.cache.size)}`)
  if (config.ROLE === 'collector' || config.ROLE === 'detector')
    row('Kafka', `topic ${config.KAFKA_TOPIC} at ${config.KAFKA_BROKERS?.join(', ')}`)
  if (app.healthUrl) row('health', `${app.healthUrl}/health and /metrics`)
  say('  Ctrl-C stops it; the next start goes on from here.')
}

const servers = (count: number): string => (count === 1 ? '1 server' : `${count} servers`)

const SHOWN = 8

const watching = async ({ store, source }: App): Promise<string> => {
  const symbols = await store.watches.symbols(source.series)
  if (symbols.length === 0) return 'nothing yet: type /watch in a channel'
  return `${symbols.slice(0, SHOWN).join(' ')}${symbols.length > SHOWN ? ` and ${symbols.length - SHOWN} more` : ''}`
}

const fail = (error: unknown): never => {
  process.stderr.write(`${errorText(error)}\n`)
  process.exit(1)
}

const LONGEST_STOP_MS = 4_500
/** Longest wait if the start itself is stopped: nothing can be lost yet. */
const LONGEST_WITHDRAWAL_MS = 1_500

const main = async (): Promise<void> => {
  process.stdout.on('error', () => {}) // if nobody reads any more, the bot goes on
  dotenv.config({ quiet: true })
  let config: Config
  try {
    config = readConfig(process.env)
  } catch (error) {
    return fail(error)
  }
  const log = createLog(config.LOG_LEVEL)
  const stopping = new AbortController()
  const stopped = once(stopping.signal, 'abort')
  let app: App | null = null
  const stop = () => {
    if (stopping.signal.aborted) return
    say('stopping …')
    // A part that hangs must not keep the terminal: everything that matters is in the database already.
    if (app === null) setTimeout(() => process.exit(0), LONGEST_WITHDRAWAL_MS).unref()
    else setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref()
    stopping.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  app = await startApp(config, log, stopping.signal).catch((error: unknown) =>
    stopping.signal.aborted ? null : fail(error),
  )
  if (app !== null) {
    await introduce(app, config)
    const failure = await Promise.race([stopped.then(() => null), app.ended])
    if (failure !== null) stop()
    await app.stop()
    if (failure !== null) fail(failure)
  }
  process.exit(0)
}

await main()
