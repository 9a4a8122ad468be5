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
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { needs } from '../support/needs.ts'
import { type SearchNode, startOpenSearch } from '../support/opensearch.ts'

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

const expectStops = async (bot: Container, secrets: readonly string[]) => {
  bot.kill('SIGTERM')
  const ended = await bot.ended
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  for (const secret of secrets) expect(ended.stdout).not.toContain(secret)
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

describe.for([
  ['bot-mariadb', ['mariadb']],
  ['bot-cluster', ['mariadb', 'java']],
] as const)('%s', ([name, parts]) => {
  const { describe: described, test } = needs(...parts)
  described('with the servers that it names', () => {
    let database: Mariadb
    let search: SearchNode | null = null
    beforeAll(async () => {
      database = await startMariadb()
      if (name === 'bot-cluster') search = await startOpenSearch()
    })
    afterAll(async () => {
      await database?.remove()
      await search?.remove()
    })

    test('is well with the rights that the image of MariaDB gives its user', async () => {
      const { secrets, secret } = deployment()
      // The image of MariaDB makes database and user in this way from its settings.
      await database.run(
        'CREATE DATABASE minutewatch',
        `CREATE USER 'minutewatch'@'%' IDENTIFIED BY '${secret('mariadb_password')}'`,
        "GRANT ALL ON minutewatch.* TO 'minutewatch'@'%'",
      )
      const address = join(secrets, 'database_url')
      const url = secret('database_url').replace('@mariadb:3306/', `@127.0.0.1:${database.port}/`)
      chmodSync(address, 0o644)
      writeFileSync(address, url)
      const port = await freePort()
      const env = {
        DISCORD_API: discord.apiUrl,
        HTTP_PORT: String(port),
        ...(search ? { ELASTICSEARCH_URL: search.url } : {}),
      }
      const bot = startService(name, { image: imageFolder(), secrets, env })
      await expectWell(bot, port)
      expect(bot.stdout()).toMatch(/^ {2}database {2}MariaDB/m)
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      expect(metrics.includes('minutewatch_search_sent')).toBe(search !== null)
      await expectStops(bot, [secret('discord_token'), secret('mariadb_password')])
    })
  })
})
