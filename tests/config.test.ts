import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'

test('nothing set is a whole configuration: the simulated market, an embedded database, the local Discord', () => {
  const config = readConfig({})
  expect(config).toMatchObject({ SOURCE: 'simulated', DATABASE_URL: 'sqlite:data/minutewatch.db', SANDBOX_PORT: 7080 })
  expect(config.DISCORD_TOKEN).toBeUndefined()
  expect(Object.isFrozen(config)).toBe(true)
})

test('empty lines of a copied .env.example count as not set', () => {
  expect(readConfig({ DISCORD_TOKEN: '', SOURCE: '', SANDBOX_PORT: '', KIWOOM_APP_KEY: '' })).toEqual(readConfig({}))
})

test('both keys choose the real market', () => {
  expect(readConfig({ KIWOOM_APP_KEY: 'a', KIWOOM_SECRET_KEY: 'b' }).SOURCE).toBe('kiwoom')
})

test('every mistake is told at once, by name, and no value is repeated', () => {
  const secret = 'hunter2-secret'
  const read = () =>
    readConfig({
      DATABASE_URL: secret,
      SOURCE: secret,
      SANDBOX_PORT: secret,
      CSV_SPEED: secret,
      KIWOOM_REST_URL: secret,
      SIMULATED_SPEED: '9999',
    })
  expect(read).toThrow(
    /DATABASE_URL[\s\S]*SOURCE[\s\S]*KIWOOM_REST_URL[\s\S]*CSV_SPEED[\s\S]*SIMULATED_SPEED[\s\S]*SANDBOX_PORT/,
  )
  expect(read).not.toThrow(secret)
})

test.for([
  [{ SOURCE: 'csv' }, /CSV_FILE/],
  [{ SOURCE: 'kiwoom' }, /KIWOOM_APP_KEY[\s\S]*KIWOOM_SECRET_KEY/],
  [{ KIWOOM_APP_KEY: 'a' }, /one of the two is missing/],
  [{ SOURCE: 'bridge' }, /BRIDGE_URL/],
  [{ ELASTICSEARCH_USERNAME: 'a' }, /ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD: one of the two is missing/],
] as const)('%j names what is missing', ([env, message]) => {
  expect(() => readConfig(env)).toThrow(message)
})

test.for([
  [{ ELASTICSEARCH_URL: 'nonsense' }, /ELASTICSEARCH_URL: expected an http\(s\) address$/m],
  [{ ELASTICSEARCH_URL: 'https://me:hunter2@search:9200' }, /ELASTICSEARCH_URL: expected an address without a user/],
  [{ ELASTICSEARCH_PREFIX: 'Kiwoom' }, /ELASTICSEARCH_PREFIX: expected lower-case letters/],
] as const)('%j is refused without its value', ([env, message]) => {
  expect(() => readConfig(env)).toThrow(message)
  expect(() => readConfig(env)).not.toThrow('hunter2')
})

test.for([
  [{}, [0]],
  [{ SHARD_COUNT: '3' }, [0, 1, 2]],
  [{ SHARD_COUNT: '3', SHARDS: '' }, [0, 1, 2]],
  [{ SHARD_COUNT: '3', SHARDS: '2' }, [2]],
  [{ SHARD_COUNT: '8', SHARDS: ' 6, 0-2 ,1-3 ' }, [0, 1, 2, 3, 6]],
] as const)('%j runs the shards %j', ([env, shards]) => {
  expect(readConfig(env).SHARDS).toEqual(shards)
})

const NOT_SHARDS = /SHARDS: expected numbers of shards from 0 and ranges of them, such as 0,1 or 0-3$/m
test.for([
  [{ SHARD_COUNT: '0' }, /SHARD_COUNT: expected a whole number, 1 to 10000$/m],
  [{ SHARD_COUNT: '1.5' }, /SHARD_COUNT: expected a whole number/],
  [{ SHARD_COUNT: '1e9' }, /SHARD_COUNT: expected a whole number/],
  [{ SHARD_COUNT: '4', SHARDS: 'all' }, NOT_SHARDS],
  [{ SHARD_COUNT: '4', SHARDS: '-1' }, NOT_SHARDS],
  [{ SHARD_COUNT: '4', SHARDS: '0,' }, NOT_SHARDS],
  [{ SHARD_COUNT: '4', SHARDS: '3-1' }, NOT_SHARDS],
  [{ SHARDS: '1' }, /SHARDS: shards are counted from 0, so each number must be lower than SHARD_COUNT$/m],
  [{ SHARD_COUNT: '4', SHARDS: '0-4' }, /each number must be lower than SHARD_COUNT/],
] as const)('%j is refused', ([env, message]) => {
  expect(() => readConfig(env)).toThrow(message)
})

const DATABASE_URL = 'mysql://bot@database/minutewatch'
const KAFKA_BROKERS = 'kafka:9092'
const problemsOf = (env: Readonly<Record<string, string>>): string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

test.for([
  [{ ROLE: 'watcher' }, 'ROLE: expected one of all, collector, detector, bot'],
  [{ ROLE: 'collector', DATABASE_URL }, 'KAFKA_BROKERS: missing, and ROLE=collector needs it'],
  [{ ROLE: 'detector', DATABASE_URL }, 'KAFKA_BROKERS: missing, and ROLE=detector needs it'],
  [
    { ROLE: 'bot' },
    'DATABASE_URL: ROLE=bot works with other processes, and needs mysql://user:password@host:port/database',
  ],
  [
    { ROLE: 'detector', KAFKA_BROKERS },
    'DATABASE_URL: ROLE=detector works with other processes, and needs mysql://user:password@host:port/database',
  ],
  ...[{ KAFKA_SASL_MECHANISM: 'PLAIN' }, { KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'hunter2' }].map(
    (half) =>
      [
        { ...half, ROLE: 'detector', DATABASE_URL, KAFKA_BROKERS },
        'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: give all three, or none',
      ] as const,
  ),
  [
    { KAFKA_SASL_MECHANISM: 'GSSAPI', KAFKA_SASL_USERNAME: 'a', KAFKA_SASL_PASSWORD: 'hunter2' },
    'KAFKA_SASL_MECHANISM: expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512',
  ],
  [
    { KIWOOM_APP_KEY: 'a,b', KIWOOM_SECRET_KEY: 'c,d' },
    'KIWOOM_APP_KEY: several keys are for several collectors (ROLE=collector); one process uses one',
  ],
  [
    { ROLE: 'collector', DATABASE_URL, KAFKA_BROKERS, KIWOOM_APP_KEY: 'a,b', KIWOOM_SECRET_KEY: 'c' },
    'KIWOOM_APP_KEY and KIWOOM_SECRET_KEY: expected as many of the one as of the other, separated by commas',
  ],
  [{ KAFKA_SYMBOL: 'Samsung' }, 'KAFKA_SYMBOL: expected a code like 038530'],
  [
    { ROLE: 'detector', DATABASE_URL, KAFKA_BROKERS: 'kafka' },
    'KAFKA_BROKERS: expected host:port, or several of them, separated by commas',
  ],
  [{ KAFKA_TOPIC: 'a topic' }, 'KAFKA_TOPIC: expected letters, digits, dots, - and _, at most 249'],
  [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS: expected true or false'],
] as const)('%j is told in one sentence', ([env, sentence]) => {
  expect(problemsOf(env)).toEqual([sentence])
})

test.for([
  [
    { ROLE: 'bot', DATABASE_URL },
    { ROLE: 'bot', SOURCE: 'simulated' },
  ],
  [
    { ROLE: 'detector', DATABASE_URL, KAFKA_BROKERS: ' one:9092 , two:9093', SOURCE: 'kiwoom', KAFKA_SYMBOL: '038530' },
    { KAFKA_BROKERS: ['one:9092', 'two:9093'], KAFKA_SYMBOL: '038530', KAFKA_TOPIC: 'kiwoom', KAFKA_TLS: false },
  ],
  [
    { ROLE: 'collector', DATABASE_URL, KAFKA_BROKERS, KIWOOM_APP_KEY: 'a,b', KIWOOM_SECRET_KEY: 'c,d' },
    { SOURCE: 'kiwoom' },
  ],
] as const)('%j is all that the role needs', ([env, settings]) => {
  expect(readConfig(env)).toMatchObject(settings)
})

test('shards are not compared with a count that is wrong itself', () => {
  expect(() => readConfig({ SHARD_COUNT: 'x', SHARDS: '7' })).toThrow(/mend[^\n]*\n {2}SHARD_COUNT: [^\n]*$/)
})

test('what is missing is told beside what is wrong', () => {
  expect(() => readConfig({ SOURCE: 'csv', SANDBOX_PORT: 'x' })).toThrow(/SANDBOX_PORT[\s\S]*CSV_FILE/)
})

test('.env.example documents every setting, and only settings that exist', () => {
  const documented = [
    ...readFileSync(new URL('../.env.example', import.meta.url), 'utf8').matchAll(/^#?\s?([A-Z][A-Z_]+)=/gm),
  ].map((found) => found[1])
  const source = readFileSync(new URL('../src/config.ts', import.meta.url), 'utf8')
  const known = [...source.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map((found) => found[1])
  expect(documented.toSorted()).toEqual(known.toSorted())
})
