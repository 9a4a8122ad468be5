import { z } from 'zod'
import { SetupError } from './errors.ts'
import { problemsOfKeys } from './kiwoom-keys.ts'
import { krxSymbol } from './model/time/symbol.ts'
import type { SourceName } from './pipeline/sources/index.ts'
import { readSecrets } from './secrets.ts'

const SOURCES = [
  'kiwoom',
  'naver',
  'yahoo',
  'bridge',
  'csv',
  'kafka',
  'simulated',
] as const satisfies readonly SourceName[]

const ROLES = ['all', 'collector', 'detector', 'bot'] as const
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

const text = z.string().trim().min(1)
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())
const withDefault = <T extends z.ZodType>(schema: T, value: unknown) =>
  z.preprocess((came) => (came === undefined || came === '' ? value : came), schema)
const port = (what: string) => z.coerce.number(what).int(what).min(0, what).max(65_535, what)
const refuse = (context: z.RefinementCtx, message: string): never => {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}
const webAddress = (what: string) => z.url({ protocol: /^https?$/, error: what })

/** Far more shards than the largest bot of Discord has. */
const MOST_SHARDS = 10_000
const SHARD_COUNT = `expected a whole number, 1 to ${MOST_SHARDS}`
const SHARDS = 'expected numbers of shards from 0 and ranges of them, such as 0,1 or 0-3'

const CSV_SPEED = 'expected a number above 0 (600 = ten minutes a second) or max'

/** `3` or `0-3`: the numbers from the first to the last one. */
const rangeOf = (range: string): { first: number; last: number } => {
  const [first = 0, last = first] = range.split('-').map(Number)
  return { first, last }
}

/**
 * Each setting's shape and range, and a message that says what to write instead. No message repeats a value: it may be
 * a secret.
 */
const settings = z.object({
  DISCORD_TOKEN: optional(text),
  DISCORD_APPLICATION_ID: optional(z.string().regex(/^\d{15,21}$/, 'expected the application id, 15 to 21 digits')),
  DISCORD_GUILD_ID: optional(z.string().regex(/^\d{15,21}$/, 'expected a server id, 15 to 21 digits')),
  DISCORD_API: optional(webAddress('expected an http(s) address that ends in /api')),
  SHARD_COUNT: withDefault(
    z.coerce.number(SHARD_COUNT).int(SHARD_COUNT).min(1, SHARD_COUNT).max(MOST_SHARDS, SHARD_COUNT),
    '1',
  ),
  SHARDS: optional(
    z
      .string()
      .regex(/^\s*\d+(\s*-\s*\d+)?(\s*,\s*\d+(\s*-\s*\d+)?)*\s*$/, SHARDS)
      .transform((ranges) => ranges.split(',').map(rangeOf))
      .refine((ranges) => ranges.every(({ first, last }) => first <= last), SHARDS),
  ),
  DATABASE_URL: withDefault(
    z
      .string()
      .regex(
        /^(sqlite:.+|(mysql|mariadb):\/\/.+)$/,
        'expected sqlite:FILE or mysql://user:password@host:port/database',
      ),
    'sqlite:data/minutewatch.db',
  ),
  SOURCE: optional(z.enum(SOURCES, `expected one of ${SOURCES.join(', ')}`)),
  KIWOOM_APP_KEY: optional(text),
  KIWOOM_SECRET_KEY: optional(text),
  KIWOOM_REST_URL: withDefault(webAddress('expected an http(s) address'), 'https://api.kiwoom.com'),
  KIWOOM_WS_URL: withDefault(
    z.url({ protocol: /^wss?$/, error: 'expected a ws(s) address' }),
    'wss://api.kiwoom.com:10000/api/dostk/websocket',
  ),
  KIWOOM_MARKET: withDefault(z.enum(['KRX', 'NX', 'AL'], 'expected KRX, NX (Nextrade) or AL (both merged)'), 'KRX'),
  BRIDGE_URL: optional(
    z.string().regex(/^(mysql|mariadb):\/\/.+$/, 'expected mysql://user:password@host:port/database'),
  ),
  BRIDGE_TABLE: optional(z.string().regex(/^\w+(\.\w+)?$/, 'expected a table name: letters, digits and _')),
  CSV_FILE: optional(text),
  CSV_HOURS: withDefault(z.enum(['krx', '24h'], 'expected krx or 24h'), 'krx'),
  CSV_SPEED: withDefault(z.union([z.literal('max'), z.coerce.number(CSV_SPEED).positive(CSV_SPEED)], CSV_SPEED), '600'),
  SIMULATED_SEED: withDefault(z.coerce.number('expected a whole number').int('expected a whole number'), '38530'),
  SIMULATED_SPEED: withDefault(
    z.coerce
      .number('expected a number from 1 to 600')
      .min(1, 'expected a number from 1 to 600')
      .max(600, 'expected a number from 1 to 600'),
    '30',
  ),
  CALENDAR_FILE: optional(text),
  QUICKCHART_URL: optional(webAddress('expected an http(s) address')),
  ELASTICSEARCH_URL: optional(
    webAddress('expected an http(s) address').refine(
      (value) => !URL.canParse(value) || new URL(value).username + new URL(value).password === '',
      'expected an address without a user: ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD are for that',
    ),
  ),
  ELASTICSEARCH_USERNAME: optional(text),
  ELASTICSEARCH_PASSWORD: optional(text),
  ELASTICSEARCH_PREFIX: withDefault(
    z.string().regex(/^[a-z0-9][a-z0-9_-]{0,99}$/, 'expected lower-case letters, digits, - and _, at most 100'),
    'kiwoom',
  ),
  ROLE: withDefault(z.enum(ROLES, `expected one of ${ROLES.join(', ')}`), 'all'),
  KAFKA_BROKERS: optional(
    z
      .string()
      .regex(
        /^\s*[^\s,:]+:\d{1,5}(\s*,\s*[^\s,:]+:\d{1,5})*\s*$/,
        'expected host:port, or several of them, separated by commas',
      )
      .transform((brokers) => brokers.split(',').map((broker) => broker.trim())),
  ),
  KAFKA_TOPIC: withDefault(
    z.string().regex(/^[\w.-]{1,249}$/, 'expected letters, digits, dots, - and _, at most 249'),
    'kiwoom',
  ),
  KAFKA_TLS: withDefault(
    z.enum(['true', 'false'], 'expected true or false').transform((value) => value === 'true'),
    'false',
  ),
  KAFKA_SASL_MECHANISM: optional(z.enum(MECHANISMS, `expected one of ${MECHANISMS.join(', ')}`)),
  KAFKA_SASL_USERNAME: optional(text),
  KAFKA_SASL_PASSWORD: optional(text),
  KAFKA_SYMBOL: optional(
    z.string().transform((code, context) => krxSymbol(code) ?? refuse(context, 'expected a code like 038530')),
  ),
  SANDBOX_PORT: withDefault(port('expected a port, 0 to 65535'), '7080'),
  HTTP_PORT: optional(port('expected a port, 0 to 65535')),
  LOG_LEVEL: withDefault(
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'expected debug, info, warn, error or silent'),
    'warn',
  ),
})

type Settings = z.infer<typeof settings>

/** All settings, checked. `.env.example` documents each of them. */
export interface Config extends Readonly<Omit<Settings, 'SOURCE' | 'SHARDS'>> {
  readonly SOURCE: SourceName
  /** The shards that this process runs, of `SHARD_COUNT` in all processes; ascending, at least one. */
  readonly SHARDS: readonly number[]
}

/**
 * Environment, and the files that it names for secrets, to one frozen Config.
 *
 * @throws {SetupError} naming every setting that is wrong
 */
export const readConfig = (environment: Readonly<Record<string, string | undefined>>): Config => {
  const { env, problems: problemsOfFiles, unusable } = readSecrets(environment)
  const parsed = settings.safeParse(env)
  const issues = parsed.success ? [] : parsed.error.issues
  const problems = [...problemsOfFiles, ...issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)]
  const given: Partial<Settings> = {
    ...(parsed.success ? parsed.data : rightOnes(env)),
    // A secret whose file has a problem counts as given: one mistake is told once.
    ...Object.fromEntries(unusable.map((name) => [name, 'unusable'])),
  }
  const source = given.SOURCE ?? (given.KIWOOM_APP_KEY && given.KIWOOM_SECRET_KEY ? 'kiwoom' : 'simulated')
  const collects = given.ROLE !== 'detector' && given.ROLE !== 'bot'
  if (collects && source === 'kiwoom' && !given.KIWOOM_APP_KEY)
    problems.push('KIWOOM_APP_KEY: missing, and SOURCE=kiwoom needs it')
  if (collects && source === 'kiwoom' && !given.KIWOOM_SECRET_KEY)
    problems.push('KIWOOM_SECRET_KEY: missing, and SOURCE=kiwoom needs it')
  if (!given.SOURCE && Boolean(given.KIWOOM_APP_KEY) !== Boolean(given.KIWOOM_SECRET_KEY))
    problems.push('KIWOOM_APP_KEY and KIWOOM_SECRET_KEY: one of the two is missing')
  if (Boolean(given.ELASTICSEARCH_USERNAME) !== Boolean(given.ELASTICSEARCH_PASSWORD))
    problems.push('ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD: one of the two is missing')
  // A wrong value counts as given: one mistake is told once.
  problems.push(...problemsOfRoles(given, (name) => Boolean(given[name] ?? env[name])))
  if (given.SHARD_COUNT !== undefined && given.SHARDS?.some(({ last }) => last >= given.SHARD_COUNT!))
    problems.push('SHARDS: shards are counted from 0, so each number must be lower than SHARD_COUNT')
  problems.push(...problemsOfKeys(given))
  if (source === 'csv' && !given.CSV_FILE) problems.push('CSV_FILE: missing, and SOURCE=csv replays that file')
  if (source === 'bridge' && !given.BRIDGE_URL && given.DATABASE_URL?.startsWith('sqlite:'))
    problems.push(
      "BRIDGE_URL: missing, and SOURCE=bridge reads another collector's MariaDB (DATABASE_URL serves as well when it is one)",
    )
  if (problems.length > 0 || !parsed.success)
    throw new SetupError(
      `settings to mend (environment or .env):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    )
  return Object.freeze({ ...parsed.data, SOURCE: source, SHARDS: shardsOf(parsed.data) })
}

/** Several processes need a database between them that is on a server, and those before the bots the brokers. */
const problemsOfRoles = (given: Partial<Settings>, isGiven: (name: keyof Settings) => boolean): string[] => {
  const { ROLE: role = 'all' } = given
  const problems: string[] = []
  if (role !== 'all' && given.DATABASE_URL?.startsWith('sqlite:'))
    problems.push(
      `DATABASE_URL: ROLE=${role} works with other processes, and needs mysql://user:password@host:port/database`,
    )
  if ((role === 'collector' || role === 'detector') && !isGiven('KAFKA_BROKERS'))
    problems.push(`KAFKA_BROKERS: missing, and ROLE=${role} needs it`)
  if (given.SOURCE === 'kafka' && role !== 'detector' && role !== 'bot')
    problems.push('SOURCE: kafka means rows that another program publishes, and needs ROLE=detector and ROLE=bot')
  const login = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const
  if (new Set(login.map(isGiven)).size > 1)
    problems.push('KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: give all three, or none')
  return problems
}

const shardsOf = ({ SHARD_COUNT, SHARDS }: Settings): number[] =>
  Array.from({ length: SHARD_COUNT }, (_, shard) => shard).filter(
    (shard) => SHARDS?.some(({ first, last }) => first <= shard && shard <= last) ?? true,
  )

/**
 * The settings that are right by themselves, so that rules over several settings are checked beside a wrong one too.
 */
const rightOnes = (env: Readonly<Record<string, string | undefined>>): Partial<Settings> =>
  Object.fromEntries(
    Object.entries(settings.shape).flatMap(([name, schema]) => {
      const one = schema.safeParse(env[name])
      return one.success ? [[name, one.data]] : []
    }),
  )
