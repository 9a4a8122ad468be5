import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSandbox } from '../../src/sandbox/index.ts'
import { type Ended, folder, isRunning, lines, STACK_TRACE, start } from '../support/child.ts'
import { DEAD_PORT } from '../support/dead-port.ts'
import { startMariadb } from '../support/mariadb.ts'
import { needs } from '../support/needs.ts'

/** A server that takes connections and says nothing. */
const silentServer = (): Promise<{ port: number; server: Server; met: Promise<unknown> }> =>
  new Promise((resolve) => {
    const server = createServer()
    const met = new Promise((connected) => server.once('connection', connected))
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address && typeof address === 'object') resolve({ port: address.port, server, met })
    })
  })

describe('a start that works', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)(
    'says in a few lines what runs and where, and %s ends it cleanly',
    async (signal) => {
      const cwd = folder()
      const bot = start({ cwd, env: { HTTP_PORT: '0' } })
      await isRunning(bot)
      const said = lines(bot.stdout())
      expect(said).toEqual([
        expect.stringMatching(/^minutewatch \d+\.\d+\.\d+ is running$/),
        expect.stringMatching(
          /^ {2}market {4}simulated, 30 times as fast as the clock \(seed 38530\): no real trades$/,
        ),
        expect.stringMatching(/^ {2}watching {2}(?=.*038530)([0-9A-Z]{6} ?){5}$/),
        expect.stringMatching(/^ {2}database {2}SQLite .+data\/minutewatch\.db$/),
        expect.stringMatching(/^ {2}Discord {3}a local one: open http:\/\/127\.0\.0\.1:\d+$/),
        expect.stringMatching(/^ {2}health {4}http:\/\/127\.0\.0\.1:\d+\/health and \/metrics$/),
        expect.stringMatching(/^ {2}Ctrl-C stops it; the next start goes on from here\.$/),
      ])
      expect((await fetch(/open (\S+)/.exec(bot.stdout())?.[1] ?? '')).status).toBe(200)
      expect((await fetch(/health {4}(\S+)/.exec(bot.stdout())?.[1] ?? '')).status).toBe(200)
      bot.kill(signal)
      bot.kill(signal) // npm hands on what the terminal has sent already
      const ended = await bot.ended
      expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
      expect(lines(ended.stdout).at(-1)).toBe('stopping …')
      // A clean end folds the write-ahead log back into the file.
      expect(readdirSync(join(cwd, 'data')).toSorted()).toEqual([
        'local-discord',
        'minutewatch.db',
        'minutewatch.db.lock',
      ])
    },
  )

  test('with a token it signs in, and says where', async () => {
    const sandbox = await openSandbox({ port: 0 })
    onTestFinished(() => sandbox.close())
    const bot = start({ cwd: folder(), env: { DISCORD_TOKEN: sandbox.token, DISCORD_API: sandbox.apiUrl } })
    await isRunning(bot)
    expect(bot.stdout()).toMatch(/^ {2}watching {2}nothing yet: type \/watch in a channel$/m)
    expect(bot.stdout()).toMatch(/^ {2}Discord {3}signed in as .+ in 1 server$/m)
    expect(bot.stdout()).not.toContain(sandbox.token)
    bot.kill('SIGTERM')
    expect(await bot.ended).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('stopped before it has started, it ends just as cleanly', () => {
  test('while a database lets it wait', async () => {
    const { port, met } = await silentServer()
    const bot = start({ cwd: folder(), env: { DATABASE_URL: `mysql://root@127.0.0.1:${port}/bot` } })
    await Promise.race([met, bot.ended])
    bot.kill('SIGINT')
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stdout: 'stopping …\n', stderr: '' })
  })

  test('while Discord lets it wait', async () => {
    const { port, met } = await silentServer()
    const bot = start({ cwd: folder(), env: { DISCORD_TOKEN: 'x', DISCORD_API: `http://127.0.0.1:${port}/api` } })
    await Promise.race([met, bot.ended])
    bot.kill('SIGTERM')
    expect(await bot.ended).toMatchObject({ code: 0, signal: null, stdout: 'stopping …\n', stderr: '' })
  })
})

describe('a start that cannot work: exit 1 and one sentence that names the setting', () => {
  const refused = async (cwd: string, env: Record<string, string>): Promise<Ended> => {
    const ended = await start({ cwd, env }).ended
    expect(ended).toMatchObject({ code: 1, signal: null, stdout: '' })
    expect(ended.stderr).not.toMatch(STACK_TRACE)
    return ended
  }
  const sentence = async (cwd: string, env: Record<string, string>) => {
    const said = lines((await refused(cwd, env)).stderr)
    expect(said).toHaveLength(1)
    return said[0]
  }

  test('bad settings: every one of them, no value, nothing made', async () => {
    const cwd = folder()
    const { stderr } = await refused(cwd, {
      SANDBOX_PORT: 'secret',
      SIMULATED_SPEED: 'secret',
      DATABASE_URL: 'secret',
      SOURCE: 'csv',
    })
    expect(stderr).toMatch(
      /^settings to mend[\s\S]*DATABASE_URL: [\s\S]*SIMULATED_SPEED: [\s\S]*SANDBOX_PORT: [\s\S]*CSV_FILE: missing/,
    )
    expect(stderr).not.toContain('secret')
    expect(readdirSync(cwd)).toEqual([])
  })

  test.for([
    [
      'a folder that cannot be made',
      'sqlite:file/below/bot.db',
      /^DATABASE_URL needs the folder .+file\/below, which cannot be made/,
    ],
    ['a file that is no database', 'sqlite:file', /^DATABASE_URL names .+file, which is not an SQLite database/],
    ['a folder for a file', 'sqlite:.', /^DATABASE_URL names .+, which cannot be opened for writing/],
    [
      'a server that is down',
      'mysql://me:sesame@127.0.0.1:1/bot',
      /^DATABASE_URL names 127\.0\.0\.1:1, where no database server answers/,
    ],
  ] as const)('database: %s', async ([, url, wanted]) => {
    const cwd = folder()
    const text =
      'a text that somebody keeps here, and wants to keep: longer than the hundred bytes of a header. '.repeat(3)
    writeFileSync(join(cwd, 'file'), text)
    const said = await sentence(cwd, { DATABASE_URL: url })
    expect(said).toMatch(wanted)
    expect(said).not.toContain('sesame')
    expect(readdirSync(cwd)).toEqual(['file'])
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe(text)
  })

  test.for(['SANDBOX_PORT', 'HTTP_PORT'])('%s in use', async (setting) => {
    const { port } = await silentServer()
    const cwd = folder()
    expect(await sentence(cwd, { [setting]: String(port) })).toMatch(new RegExp(`^${setting}: port ${port} .*in use`))
    expect(readdirSync(join(cwd, 'data'))).not.toContain('minutewatch.db-wal')
  })

  test('a token that Discord refuses, never repeated', async () => {
    const sandbox = await openSandbox({ port: 0 })
    onTestFinished(() => sandbox.close())
    const token = `${sandbox.token.slice(0, -3)}no!`
    const said = await sentence(folder(), { DISCORD_TOKEN: token, DISCORD_API: sandbox.apiUrl })
    expect(said).toMatch(/^DISCORD_TOKEN was refused by Discord: copy it again/)
    expect(said).not.toContain(token)
  })

  test('a token of another application than the one that is named', async () => {
    const sandbox = await openSandbox({ port: 0 })
    onTestFinished(() => sandbox.close())
    const env = {
      DISCORD_TOKEN: sandbox.token,
      DISCORD_API: sandbox.apiUrl,
      DISCORD_APPLICATION_ID: '123456789012345678',
    }
    const said = await sentence(folder(), env)
    expect(said).toMatch(
      new RegExp(
        `^DISCORD_TOKEN belongs to application ${sandbox.applicationId}, and DISCORD_APPLICATION_ID names another: `,
      ),
    )
  })

  test('a Discord that is not there', async () => {
    const env = { DISCORD_TOKEN: 'x', DISCORD_API: `http://127.0.0.1:${DEAD_PORT}/api` }
    expect(await sentence(folder(), env)).toMatch(
      /\(DISCORD_API\) does not answer: .+ Check the network and the address/,
    )
  })

  const HEADER = 'symbol,time,open,high,low,close,volume'
  test.for([
    ['is not there', null, /^CSV_FILE: bars\.csv does not exist/],
    ['lacks a column', 'symbol,time,open,high,low,close\n', /^CSV_FILE: bars\.csv line 1: the header lacks volume/],
    [
      'has no good row',
      `${HEADER}\n038530,x,1,1,1,1,1\n`,
      /^CSV_FILE: no row of bars\.csv could be read; the first: bars\.csv line 2, column time: /,
    ],
    [
      'has no row in the hours',
      `${HEADER}\n038530,2026-11-20T20:00:00+09:00,1,1,1,1,1\n`,
      /^CSV_FILE: bars\.csv has no usable bar.+CSV_HOURS=24h/,
    ],
    [
      'is older than the calendar',
      `${HEADER}\n038530,1999-11-22T09:00:00+09:00,1,1,1,1,1\n`,
      /^CSV_FILE: bars\.csv: the KRX calendar knows/,
    ],
  ] as const)('CSV_FILE that %s', async ([, content, wanted]) => {
    const cwd = folder()
    if (content !== null) writeFileSync(join(cwd, 'bars.csv'), content)
    expect(await sentence(cwd, { SOURCE: 'csv', CSV_FILE: 'bars.csv' })).toMatch(wanted)
  })

  needs('mariadb').test('a MariaDB that lets nobody in; and a second one beside the first in one folder', async () => {
    const mariadb = await startMariadb()
    onTestFinished(() => mariadb.remove())
    await mariadb.run(
      "CREATE USER bot@'127.0.0.1' IDENTIFIED BY 'sesame'",
      "GRANT ALL ON bot.* TO bot@'127.0.0.1'",
      'CREATE DATABASE bot',
    )
    const env = (password: string) => ({ DATABASE_URL: `mysql://bot:${password}@127.0.0.1:${mariadb.port}/bot` })
    const denied = await sentence(folder(), env('open'))
    expect(denied).toMatch(/^DATABASE_URL names user bot, whom .+ does not let in: check the user and the password\.$/)
    const cwd = folder()
    const first = start({ cwd, env: env('sesame') })
    await isRunning(first)
    expect(await sentence(cwd, env('sesame'))).toMatch(
      /^another minutewatch is running with the local Discord in .+data: stop that one/,
    )
    first.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('a second one on the same database; the first does not notice', async () => {
    const cwd = folder()
    const first = start({ cwd })
    await isRunning(first)
    expect(await sentence(cwd, {})).toMatch(
      /^DATABASE_URL names SQLite .+minutewatch\.db, which another minutewatch is using: stop that one/,
    )
    expect((await fetch(/open (\S+)/.exec(first.stdout())?.[1] ?? '')).status).toBe(200)
    first.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0, stderr: '' })
    const next = start({ cwd })
    await isRunning(next)
    next.kill('SIGTERM')
    expect(await next.ended).toMatchObject({ code: 0, stderr: '' })
  })
})
