import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkWatched } from '../../src/cli/watched.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { calendarFile } from '../support/calendar-file.ts'
import { cli, folder, jsonLines, lines, STACK_TRACE } from '../support/child.ts'
import { DEAD_PORT } from '../support/dead-port.ts'
import { startKiwoomPeer } from '../support/kiwoom-peer.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'
import { onNextShard } from '../support/next-shard.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly message: string
}
const doctor = async (env: Record<string, string> = {}, cwd = folder()) => {
  const ended = await cli(['doctor', '--json'], { cwd, env })
  expect(ended.stderr).toBe('')
  return { ...ended, findings: jsonLines(ended.stdout) as Finding[] }
}
const bad = (findings: readonly Finding[]) => findings.filter(({ ok }) => !ok)

/** Discord's REST behind a server whose clock is shifted. */
const shifted = async (apiUrl: string, shiftMs: number): Promise<string> => {
  const server = createServer(async ({ method, url, headers: { authorization } }, response) => {
    const answer = await fetch(new URL(url ?? '/', apiUrl), {
      method: method ?? 'GET',
      headers: { authorization: authorization ?? '' },
    })
    const type = answer.headers.get('content-type') ?? ''
    response
      .writeHead(answer.status, { 'content-type': type, date: new Date(Date.now() + shiftMs).toUTCString() })
      .end(await answer.text())
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
}

describe('all is well', () => {
  test('every check in its order, exit 0; --json gives exactly check, ok and message', async () => {
    const { code, findings } = await doctor()
    expect(findings.map(({ check }) => check)).toEqual(['configuration', 'database', 'source', 'Discord', 'clock'])
    for (const finding of findings)
      expect(finding).toEqual({ check: expect.any(String), ok: true, message: expect.any(String) })
    expect(code).toBe(0)
  })

  test('for people: a line a check with its mark', async () => {
    const { code, stdout, stderr } = await cli(['doctor'], { cwd: folder() })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(lines(stdout)).toHaveLength(5)
    for (const line of lines(stdout)) expect(line).toMatch(/^✔ \S+ +\S/)
  })
})

describe('something is wrong: that check says what to do, the others are made all the same, exit 1', () => {
  const others = (...but: string[]) =>
    ['configuration', 'database', 'source', 'Discord', 'clock'].filter((check) => !but.includes(check))

  test('settings: all of them in one finding, none of their values', async () => {
    const { code, findings } = await doctor({ SANDBOX_PORT: 'secret', LOG_LEVEL: 'secret', SOURCE: 'csv' })
    expect(findings).toEqual([
      { check: 'configuration', ok: false, message: expect.stringMatching(/SANDBOX_PORT.*LOG_LEVEL.*CSV_FILE/) },
    ])
    expect(JSON.stringify(findings)).not.toContain('secret')
    expect(code).toBe(1)
  })

  test.for([
    [
      'a folder that cannot be made',
      'sqlite:file/below/minutewatch.db',
      /^DATABASE_URL needs the folder .+ make it writable, or name another/,
    ],
    ['a file that is no database', 'sqlite:file', /^DATABASE_URL names .+, which is not an SQLite database/],
    [
      'a server that is not there',
      'mysql://me:sesame@127.0.0.1:1/bot',
      /^DATABASE_URL names 127\.0\.0\.1:1, where no database server answers/,
    ],
  ] as const)('database: %s', async ([, url, sentence]) => {
    const cwd = folder()
    writeFileSync(
      join(cwd, 'file'),
      'this is a text and no database, and longer than a header of one hundred bytes would have to be, by far',
    )
    const { code, findings, stdout } = await doctor({ DATABASE_URL: url }, cwd)
    expect(bad(findings)).toEqual([{ check: 'database', ok: false, message: expect.stringMatching(sentence) }])
    expect(findings.filter(({ ok }) => ok).map(({ check }) => check)).toEqual(others('database'))
    expect(stdout).not.toContain('sesame')
    expect(code).toBe(1)
  })

  test.skipIf(process.getuid?.() === 0)(
    'database: a folder that may not be written to (skipped as root, who may)',
    async () => {
      const cwd = folder()
      chmodSync(cwd, 0o500)
      const { code, findings } = await doctor({}, cwd)
      chmodSync(cwd, 0o700)
      expect(bad(findings)).toMatchObject([{ check: 'database', message: expect.stringContaining('DATABASE_URL') }])
      expect(code).toBe(1)
    },
  )

  test.for([
    ['no file', {}, /^CSV_FILE: bars\.csv does not exist/],
    [
      'no good row',
      { 'bars.csv': 'symbol,time,open,high,low,close,volume\n038530,x,1,1,1,1,1\n' },
      /^CSV_FILE: no row of bars\.csv could be read.+column time/,
    ],
  ] as const)('source: %s', async ([, files, sentence]) => {
    const cwd = folder()
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
    const { code, findings } = await doctor({ SOURCE: 'csv', CSV_FILE: 'bars.csv' }, cwd)
    expect(bad(findings)).toEqual([{ check: 'source', ok: false, message: expect.stringMatching(sentence) }])
    expect(findings.filter(({ ok }) => ok).map(({ check }) => check)).toEqual(others('source'))
    expect(code).toBe(1)
  })

  test('source: Kiwoom that does not answer, keys kept to ourselves', async () => {
    const address = `127.0.0.1:${DEAD_PORT}`
    const cwd = folder()
    const env = {
      CALENDAR_FILE: calendarFile(cwd),
      KIWOOM_APP_KEY: 'sesame',
      KIWOOM_SECRET_KEY: 'sesame',
      KIWOOM_REST_URL: `http://${address}`,
      KIWOOM_WS_URL: `ws://${address}`,
    }
    const { code, findings, stdout } = await doctor(env, cwd)
    expect(bad(findings)).toMatchObject([{ check: 'source', message: expect.stringContaining('KIWOOM_REST_URL') }])
    expect(stdout).not.toContain('sesame')
    expect(code).toBe(1)
  })

  needs('mariadb').describe('database: a real MariaDB', () => {
    let mariadb: Mariadb
    beforeAll(async () => {
      mariadb = await startMariadb()
      await mariadb.run(
        'CREATE DATABASE bot',
        "CREATE USER bot@'127.0.0.1' IDENTIFIED BY 'sesame'",
        "GRANT ALL ON bot.* TO bot@'127.0.0.1'",
      )
    })
    afterAll(() => mariadb?.remove())

    test('that lets us in is good; with a wrong password or another database it is not, and no password is shown', async () => {
      const at = (password: string, database = 'bot') =>
        doctor({ DATABASE_URL: `mysql://bot:${password}@127.0.0.1:${mariadb.port}/${database}` })
      expect(await at('sesame')).toMatchObject({ code: 0 })
      const refused = await at('sesam')
      expect(bad(refused.findings)).toMatchObject([
        {
          check: 'database',
          message: expect.stringMatching(
            /^DATABASE_URL names user bot, whom .+ does not let in: check the user and the password/,
          ),
        },
      ])
      const elsewhere = await at('sesame', 'other')
      expect(bad(elsewhere.findings)).toMatchObject([
        { check: 'database', message: expect.stringMatching(/^DATABASE_URL names .*other/) },
      ])
      for (const { code, stdout } of [refused, elsewhere]) {
        expect(code).toBe(1)
        expect(stdout).not.toContain('sesam')
      }
    })
  })
})

describe('watched stocks', () => {
  const watching = async (url: string, series: string, ...symbols: string[]) => {
    const store = await openStore(url, { log: silent })
    const watch = { series, guildId: '1', channelId: '2', addedBy: null, addedAt: 0, since: 0 }
    for (const symbol of symbols) await store.watches.add({ ...watch, symbol })
    await store.close()
  }
  const watched = (findings: readonly Finding[]) => findings.filter(({ check }) => check === 'watched')

  test('that are not listed any more are named, each with what to do; those that do not trade are noted', async () => {
    const stock = { name: '케이바이오랩스', market: 'KOSDAQ', base: 5_000, bars: [] } as const
    const peer = await startKiwoomPeer({
      now: Date.now,
      stocks: [
        { ...stock, symbol: '005930', market: 'KOSPI' },
        { ...stock, symbol: '038530' },
        { ...stock, symbol: '990230', state: '증거금100%|거래정지' },
      ],
    })
    onTestFinished(() => peer.close())
    const cwd = folder()
    await watching(`sqlite:${join(cwd, 'bot.db')}`, 'kiwoom', '038530', '990110', '990230')
    const { code, findings } = await doctor(
      {
        DATABASE_URL: 'sqlite:bot.db',
        KIWOOM_APP_KEY: 'peer-app-key',
        KIWOOM_SECRET_KEY: 'peer-secret-key',
        KIWOOM_REST_URL: peer.restUrl,
        KIWOOM_WS_URL: peer.wsUrl,
      },
      cwd,
    )
    expect(watched(findings)).toEqual([
      { check: 'watched', ok: false, message: '990110 is watched and not listed any more: /unwatch it' },
      { check: 'watched', ok: true, message: '990230 is suspended from trading: no minutes come until that ends' },
    ])
    expect(code).toBe(1)
  })

  needs('mariadb').test('of a source without a list are looked up one by one', async () => {
    const mariadb = await startMariadb()
    onTestFinished(() => mariadb.remove())
    const columns =
      'symbol VARCHAR(12), time DATETIME, open INT, high INT, low INT, close INT, volume BIGINT, PRIMARY KEY (symbol, time)'
    await mariadb.run(
      'CREATE DATABASE kiwoom3',
      `CREATE TABLE kiwoom3.minutewatch_bars (${columns})`,
      "INSERT INTO kiwoom3.minutewatch_bars VALUES ('38530', '2026-11-20 09:00:00', 1, 1, 1, 1, 1)",
    )
    const cwd = folder()
    await watching(`sqlite:${join(cwd, 'bot.db')}`, 'bridge', '038530', '990110')
    const { findings } = await doctor(
      { DATABASE_URL: 'sqlite:bot.db', SOURCE: 'bridge', BRIDGE_URL: mariadb.url('kiwoom3') },
      cwd,
    )
    expect(watched(findings)).toEqual([
      { check: 'watched', ok: false, message: '990110 is watched and not listed any more: /unwatch it' },
    ])
  })
})

test('a venue that is slow or long in answering is not asked for ever', async () => {
  const asked: string[] = []
  const gone = Array.from({ length: 25 }, (_, index) => `9900${index + 10}`)
  const source = (failsAt: number) => ({
    name: 'bridge',
    async lookup(symbol: string) {
      if (asked.push(symbol) === failsAt) throw new Error('away')
      return null
    },
  })
  const all = await checkWatched(gone, [], source(0))
  expect(all).toHaveLength(21)
  expect(all.at(-1)).toEqual({ ok: true, message: '5 watched stocks more not looked up' })
  asked.length = 0
  expect((await checkWatched(gone, [], source(3))).slice(2)).toEqual([
    { ok: false, message: '23 watched stocks could not be looked up: away' },
  ])
})

describe('Discord', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await openSandbox({ port: 0 })
  })
  afterAll(() => sandbox.close())
  const discord = () => ({ DISCORD_API: sandbox.apiUrl, DISCORD_TOKEN: sandbox.token })

  test('a good token signs in', async () => {
    const { code, findings } = await doctor(discord())
    expect(findings.find(({ check }) => check === 'Discord')).toMatchObject({
      ok: true,
      message: expect.stringMatching(/^signed in as .+ in 1 server$/),
    })
    expect(code).toBe(0)
  })

  test('a token that is refused, and never shown', async () => {
    const token = `${sandbox.token.slice(0, -4)}nono`
    const { code, findings, stdout } = await doctor({ ...discord(), DISCORD_TOKEN: token })
    expect(bad(findings)).toEqual([
      {
        check: 'Discord',
        ok: false,
        message: expect.stringMatching(/^DISCORD_TOKEN was refused by Discord: copy it again/),
      },
    ])
    expect(findings.map(({ check }) => check)).toContain('clock')
    expect(stdout).not.toContain(token)
    expect(code).toBe(1)
  })

  test.for([
    [0, true, /^agrees with Discord's \(within [0-5] s\); minutes close by this clock$/],
    [-60_000, false, /^this computer's clock is 6[0-5] s ahead of Discord's: switch on time synchronisation \(NTP\)$/],
    [60_000, false, /^this computer's clock is (5[5-9]|60) s behind Discord's: switch on/],
  ] as const)('a clock that is %d ms away from ours', async ([shift, ok, sentence]) => {
    const api = await shifted(sandbox.apiUrl, shift)
    const env = { ...discord(), DISCORD_API: api, SOURCE: 'naver', CALENDAR_FILE: 'missing.json' }
    const { findings } = await doctor(env)
    expect(findings.find(({ check }) => check === 'clock')).toEqual({
      check: 'clock',
      ok,
      message: expect.stringMatching(sentence),
    })
  })

  test('without Discord no clock is compared, and that is said', async () => {
    const { findings } = await doctor({ SOURCE: 'naver', CALENDAR_FILE: 'missing.json' })
    expect(findings.at(-1)).toEqual({
      check: 'clock',
      ok: true,
      message: expect.stringMatching(/^not compared: .+ keep it set by NTP$/),
    })
  })

  test('a token of another application than DISCORD_APPLICATION_ID names', async () => {
    const right = await doctor({ ...discord(), DISCORD_APPLICATION_ID: sandbox.applicationId })
    expect(bad(right.findings)).toEqual([])
    const { code, findings } = await doctor({ ...discord(), DISCORD_APPLICATION_ID: '123456789012345678' })
    expect(bad(findings)).toMatchObject([
      {
        check: 'Discord',
        message: expect.stringMatching(/^DISCORD_TOKEN belongs to application \d+, and DISCORD_APPLICATION_ID/),
      },
    ])
    expect(code).toBe(1)
  })

  test('a Discord that does not answer names the setting', async () => {
    const { code, findings } = await doctor({ ...discord(), DISCORD_API: `http://127.0.0.1:${DEAD_PORT}/api` })
    expect(bad(findings)).toMatchObject([
      { check: 'Discord', message: expect.stringMatching(/DISCORD_API.+does not answer/) },
    ])
    expect(code).toBe(1)
  })

  test('permissions of every channel that watches: what is missing by name, and a channel that is gone', async () => {
    const cwd = folder()
    const store = await openStore(`sqlite:${join(cwd, 'bot.db')}`, { log: silent })
    const { guildId, alertsChannelId, generalChannelId } = sandbox
    const watch = { series: 'simulated', symbol: '038530', guildId, addedBy: null, addedAt: 0, since: 0 }
    for (const channelId of [alertsChannelId, generalChannelId, '1456074443980899999'])
      await store.watches.add({ ...watch, channelId })
    await store.close()
    sandbox.state.deny(alertsChannelId, 'AttachFiles', 'EmbedLinks')
    const { code, findings } = await doctor({ ...discord(), DATABASE_URL: 'sqlite:bot.db' }, cwd)
    sandbox.state.allow(alertsChannelId, 'AttachFiles', 'EmbedLinks')
    const permissions = findings
      .filter(({ check }) => check === 'permissions')
      .map(({ ok, message }) => `${ok} ${message}`)
    expect(permissions.toSorted()).toEqual([
      expect.stringMatching(/^false #alerts in .+: give the bot EmbedLinks, AttachFiles in the channel's settings$/),
      expect.stringMatching(
        /^false channel 1456074443980899999: Unknown Channel; let the bot see it, or unwatch its stocks$/,
      ),
      expect.stringMatching(/^true #general in .+: the bot may post there$/),
    ])
    expect(code).toBe(1)
  })

  test('only the guilds and channels of the shards that are set', async () => {
    const cwd = folder()
    const store = await openStore(`sqlite:${join(cwd, 'bot.db')}`, { log: silent })
    const { guildId, alertsChannelId } = sandbox
    const second = sandbox.state.addGuild({ name: 'second', id: onNextShard(guildId) })
    onTestFinished(() => sandbox.state.removeGuild(second.guildId))
    const watch = { series: 'simulated', symbol: '038530', addedBy: null, addedAt: 0, since: 0 }
    await store.watches.add({ ...watch, guildId, channelId: alertsChannelId })
    await store.watches.add({ ...watch, guildId: second.guildId, channelId: second.channelIds[0]! })
    await store.close()
    const shards = { SHARD_COUNT: '2', SHARDS: '1' }
    const { code, findings } = await doctor({ ...discord(), ...shards, DATABASE_URL: 'sqlite:bot.db' }, cwd)
    const told = findings.filter(({ check }) => check === 'Discord' || check === 'permissions')
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^signed in as .+ in 1 server, on 1 of 2 shards$/),
      '#general in second: the bot may post there',
    ])
    expect(code).toBe(0)
  })

  test('nothing in the whole report looks like a stack trace', async () => {
    const { stdout, stderr } = await cli(['doctor'], {
      cwd: folder(),
      env: { ...discord(), DISCORD_TOKEN: 'x', DATABASE_URL: 'mysql://root@127.0.0.1:1/x' },
    })
    expect(lines(stdout).filter((line) => line.startsWith('✘'))).toHaveLength(2)
    expect(stdout).not.toMatch(STACK_TRACE)
    expect(stderr).toBe('')
  })
})
