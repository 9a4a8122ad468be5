/**
 * From the start of the process to the first answer: `npm run bench -- start`. The bot runs as `npm start` does, on a
 * database that holds its watched stocks already; a visitor of its local Discord types `/chart`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FIXED } from '../src/sandbox/world.ts'
import { until, Visitor } from '../tests/sandbox/visitor.ts'
import { startMariadb } from '../tests/support/mariadb.ts'
import { mariadbPrograms } from '../tests/support/system.ts'
import { type Figure, printFigures } from './figures.ts'

const ROUNDS = 5
const LONGEST_MS = 60_000
const SYMBOL = '038530'
const BOT = new URL('../src/main.ts', import.meta.url)
const BARE = new URL('start/bare-bot.ts', import.meta.url)

export const startFigures = async (): Promise<Figure[]> => {
  const server = mariadbPrograms() ? await startMariadb() : null
  try {
    const sqlite = await rounds(BOT, 'sqlite:bot.db')
    const mariadb = server && (await rounds(BOT, server.url('bot')))
    const bare = {
      name: 'discord.js alone, a fixed answer, no database',
      values: await rounds(BARE),
    }
    const figure = { unit: 's', goal: { below: 3 }, beside: [bare] }
    const what = 'start of the process → first answer to /chart'
    return [
      { ...figure, what: `${what}, SQLite`, values: sqlite },
      {
        ...{ ...figure, what: `${what}, MariaDB` },
        values: mariadb ?? { missing: 'no MariaDB server on this machine' },
      },
    ]
  } finally {
    await server?.remove()
  }
}

/** Seconds of each start; one before them fills the database. */
const rounds = async (script: URL, databaseUrl?: string): Promise<number[]> => {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-start-'))
  try {
    const seconds: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const taken = await firstAnswer(cwd, script, databaseUrl)
      if (round > 0) seconds.push(taken)
    }
    return seconds
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

const firstAnswer = async (cwd: string, script: URL, databaseUrl?: string): Promise<number> => {
  const begin = performance.now()
  const child = spawn(process.execPath, [fileURLToPath(script)], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...{ PATH: process.env.PATH, SANDBOX_PORT: '0', HTTP_PORT: '0' },
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
  })
  const ended = once(child, 'exit')
  try {
    const url = await addressOf(child)
    const { application: applicationId, guild: guildId, alerts: alertsChannelId } = FIXED
    const visitor = await Visitor.join({ url, apiUrl: `${url}/api`, applicationId, guildId, alertsChannelId })
    await visitor.command('chart', [{ type: 3, name: 'symbol', value: SYMBOL }])
    const answered = () =>
      visitor.heard.some(
        ({ event, data }) => event.startsWith('MESSAGE') && data.interaction_metadata && data.embeds?.length > 0,
      )
    await until(answered, 'the answer to /chart', LONGEST_MS)
    const seconds = (performance.now() - begin) / 1_000
    visitor.leave()
    return seconds
  } finally {
    child.kill('SIGTERM')
    const hangs = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(hangs)
  }
}

/** The address of the local Discord, which the process prints when it is ready. */
const addressOf = async (child: ChildProcess): Promise<string> => {
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const address = () => {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
    return /open (http:\/\/[\d.:]+)/.exec(said)?.[1]
  }
  return until(address, 'the start line', LONGEST_MS)
}

export const benchStart = async (): Promise<void> => printFigures(await startFigures())

if (import.meta.main) await benchStart()
