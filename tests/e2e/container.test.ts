import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { deployFolder } from '../deploy/compose-file.ts'
import { folder } from '../support/child.ts'
import { buildImage, type Container, startService } from '../support/container.ts'
import { freePort } from '../support/free-port.ts'
import { startKafkaService } from '../support/kafka-service.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { needs } from '../support/needs.ts'
import { startOpenSearch } from '../support/opensearch.ts'

let discord: Sandbox
beforeAll(async () => {
  discord = await openSandbox({ port: 0 })
})
afterAll(() => discord?.close())

const createSecrets = (deploy: string) =>
  spawnSync('/bin/sh', [join(deploy, 'create-secrets.sh')], { encoding: 'utf8', cwd: tmpdir() })

/** A copy of the folder `deploy` with every secret that its script makes, and the token of the local Discord. */
const deployment = () => {
  const deploy = folder()
  chmodSync(deploy, 0o755)
  cpSync(join(deployFolder, 'create-secrets.sh'), join(deploy, 'create-secrets.sh'))
  createSecrets(deploy)
  const secrets = join(deploy, 'secrets')
  writeFileSync(join(secrets, 'discord_token'), `${discord.token}\n`)
  expect(createSecrets(deploy)).toMatchObject({ status: 0, stdout: '', stderr: '' })
  // Docker mounts each file by itself. Here the bot's user has to come through the folder, too.
  chmodSync(secrets, 0o755)
  return { deploy, secrets, secret: (name: string) => readFileSync(join(secrets, name), 'utf8').trim() }
}

/** The service's health becomes good, it has signed in, and it ends as Docker stops it. */
const expectWell = async (bot: Container, port: number) => {
  await expect
    .poll(() => ({ ...bot.health(), said: bot.stderr() }), { timeout: 60_000, interval: 500 })
    .toEqual({ code: 0, line: 'ok', said: '' })
  expect(await (await fetch(`http://127.0.0.1:${port}/health`)).json()).toMatchObject({ ok: true, problem: null })
  expect(bot.stdout()).toMatch(/^ {2}Discord {3}signed in as .+ in 1 server$/m)
}

const expectStops = async (bot: Container, secrets: readonly string[], stderr: unknown = '') => {
  bot.kill('SIGTERM')
  const ended = await bot.ended
  expect(ended).toMatchObject({ code: 0, signal: null, stderr })
  for (const secret of secrets) expect(ended.stdout + ended.stderr).not.toContain(secret)
}

const imageFolder = (): string => {
  const image = mkdtempSync(join(tmpdir(), 'minutewatch-image-'))
  onTestFinished(() => rmSync(image, { recursive: true, force: true }))
  buildImage(image)
  return image
}

test('create-secrets.sh makes what is missing, changes nothing, and says what only the operator has', () => {
  const deploy = folder()
  cpSync(join(deployFolder, 'create-secrets.sh'), join(deploy, 'create-secrets.sh'))
  const first = createSecrets(deploy)
  expect(first).toMatchObject({
    status: 1,
    stdout: 'made secrets/mariadb_root_password\nmade secrets/mariadb_password\nmade secrets/database_url\n',
    stderr: 'missing: secrets/discord_token, with the token of your bot from the Discord developer portal\n',
  })
  const secrets = join(deploy, 'secrets')
  const contents = () => readdirSync(secrets).map((name) => [name, readFileSync(join(secrets, name), 'utf8')])
  const made = contents()
  const password = readFileSync(join(secrets, 'mariadb_password'), 'utf8')
  expect(password).toMatch(/^[0-9a-f]{48}$/)
  expect(readFileSync(join(secrets, 'mariadb_root_password'), 'utf8')).not.toBe(password)
  expect(readFileSync(join(secrets, 'database_url'), 'utf8')).toBe(
    `mysql://minutewatch:${password}@mariadb:3306/minutewatch`,
  )
  expect(createSecrets(deploy)).toMatchObject({ status: 1, stdout: '', stderr: first.stderr })
  expect(contents()).toEqual(made)
  expect(statSync(secrets).mode & 0o777).toBe(0o700)
  expect(statSync(join(secrets, 'mariadb_password')).mode & 0o777).toBe(0o444)
})

describe('the commands of compose.yaml, without Docker', () => {
  test('bot: is well with SQLite, and writes in its folder of data alone', async () => {
    const image = imageFolder()
    const port = await freePort()
    const { secrets, secret } = deployment()
    const env = { DISCORD_API: discord.apiUrl, HTTP_PORT: String(port) }
    const bot = startService('bot', { image, secrets, env })
    expect(bot.health()).toEqual({ code: 1, line: `no answer from http://127.0.0.1:${port}/health` })
    const before = readdirSync(image)
    await expectWell(bot, port)
    expect(readdirSync(image)).toEqual(before)
    expect(readdirSync(join(image, 'data'))).toContain('minutewatch.db')
    await expectStops(bot, [secret('discord_token')])
  })

  test('bot: without its secret it ends with a sentence about the setting and the file', async () => {
    const { secrets } = deployment()
    rmSync(join(secrets, 'discord_token'))
    const bot = startService('bot', { image: imageFolder(), secrets, env: {} })
    expect(await bot.ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `settings to mend (environment or .env):\n  DISCORD_TOKEN_FILE: ${secrets}/discord_token does not exist: name a file that holds the secret\n`,
    })
  })
})

/** The database that the image of MariaDB makes from its settings, and the secret with its address on this machine. */
const makeDatabase = async (database: Mariadb, { secrets, secret }: ReturnType<typeof deployment>) => {
  await database.run(
    'CREATE DATABASE minutewatch',
    `CREATE USER 'minutewatch'@'%' IDENTIFIED BY '${secret('mariadb_password')}'`,
    "GRANT ALL ON minutewatch.* TO 'minutewatch'@'%'",
  )
  const address = join(secrets, 'database_url')
  const url = secret('database_url').replace('@mariadb:3306/', `@127.0.0.1:${database.port}/`)
  chmodSync(address, 0o644)
  writeFileSync(address, url)
}

const metricsOf = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()

needs('mariadb').describe('bot-mariadb', () => {
  test('is well with the rights that the image of MariaDB gives its user', async () => {
    const database = await startMariadb()
    onTestFinished(() => database.remove())
    const deployed = deployment()
    const { secrets, secret } = deployed
    await makeDatabase(database, deployed)
    const port = await freePort()
    const env = { DISCORD_API: discord.apiUrl, HTTP_PORT: String(port) }
    const bot = startService('bot-mariadb', { image: imageFolder(), secrets, env })
    await expectWell(bot, port)
    expect(bot.stdout()).toMatch(/^ {2}database {2}MariaDB/m)
    expect(await metricsOf(port)).not.toContain('minutewatch_search_sent')
    await expectStops(bot, [secret('discord_token'), secret('mariadb_password')])
  })
})

needs('mariadb', 'java').describe('the cluster', () => {
  test('every role is well, each detector has half of the partitions, and the broker keeps its topic', async () => {
    const [database, search, kafka] = await Promise.all([startMariadb(), startOpenSearch(), startKafkaService()])
    onTestFinished(async () => {
      await database.remove()
      await search.remove()
    })
    await expect.poll(() => kafka.isWell()).toBe(true)
    expect(kafka.makeTopic()).toEqual({ code: 0, stdout: 'Created topic kiwoom.\n' })
    await kafka.stop()
    expect(kafka.isWell()).toBe(false)
    kafka.start()
    await expect.poll(() => kafka.isWell()).toBe(true)
    expect(kafka.makeTopic()).toEqual({ code: 0, stdout: '' })

    const deployed = deployment()
    const { secrets, secret } = deployed
    await makeDatabase(database, deployed)
    const image = imageFolder()
    const startRole = async (name: string, changed: Readonly<Record<string, string>>) => {
      const port = await freePort()
      const env = { ...changed, HTTP_PORT: String(port) }
      return { port, role: startService(name, { image, secrets, env }) }
    }
    const servers = { KAFKA_BROKERS: kafka.brokers, ELASTICSEARCH_URL: search.url }
    const isWell = ({ role }: { role: Container }) =>
      expect.poll(() => role.health(), { timeout: 60_000, interval: 500 }).toEqual({ code: 0, line: 'ok' })
    // The others would warn that no collector has told them the time of the simulated market.
    const collector = await startRole('collector', servers)
    await isWell(collector)
    const detectors = [await startRole('detector', servers), await startRole('detector', servers)]
    const bots = await Promise.all(
      ['bot-shard-0', 'bot-shard-1'].map((name) => startRole(name, { DISCORD_API: discord.apiUrl })),
    )
    for (const each of [...detectors, ...bots]) await isWell(each)
    const partitions = async ({ port }: { port: number }) =>
      Number(/^minutewatch_kafka_partitions (\d+)$/m.exec(await metricsOf(port))?.[1])
    await expect.poll(() => Promise.all(detectors.map(partitions))).toEqual([6, 6])
    const inServers = bots.map(({ role }) => /signed in as .+ in (\d) server/.exec(role.stdout())?.[1])
    expect(inServers.toSorted()).toEqual(['0', '1'])
    const words = [secret('discord_token'), secret('mariadb_password')]
    for (const { role } of [collector, ...bots]) await expectStops(role, words)
    // A new broker refuses the first member of a group until it has made the topic of offsets.
    for (const { role } of detectors) await expectStops(role, words, expect.any(String))
  })
})
