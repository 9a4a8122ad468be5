import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { until } from '../sandbox/visitor.ts'

/** A process's exit code and all of its output. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** One that is gone when its test is. */
export interface Running {
  /** Its output so far. */
  stdout(): string
  stderr(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

interface Options {
  /** Everything of the environment beside PATH: nothing of the machine's own settings gets through. */
  readonly env?: Readonly<Record<string, string>>
  /** Its working folder, so that no `.env` of a developer is read. */
  readonly cwd: string
}

/**
 * A process that hangs is ended after this long, and the test told what it had said: longer than the waits for one that
 * runs.
 */
const HANGS_MS = 180_000

/** In a file that starts processes a test lasts longer than any of its waits, so that these say what was waited for. */
vi.setConfig({ testTimeout: HANGS_MS + 60_000 })

const run = (script: 'src/main.ts' | 'src/cli.ts', args: readonly string[], { env = {}, cwd }: Options): Running => {
  const path = fileURLToPath(new URL(`../../${script}`, import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [path, ...args], {
    cwd,
    // A time zone that nobody here has: TZ is never relied on.
    env: { PATH: process.env.PATH, TZ: 'America/New_York', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    const guard = setTimeout(() => {
      child.kill('SIGKILL')
      reject(
        new Error(
          `${[script, ...args].join(' ')} had not ended after ${HANGS_MS / 1000} s; said: ${said.stdout}${said.stderr}`,
        ),
      )
    }, HANGS_MS)
    child.once('close', (code, signal) => {
      clearTimeout(guard)
      resolve({ code, signal, ...said })
    })
  })
  const gone = ended.catch(() => {})
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  return { stdout: () => said.stdout, stderr: () => said.stderr, kill: (signal) => void child.kill(signal), ended }
}

/** One of the operator's verbs, to its end. */
export const cli = (args: readonly string[], options: Options): Promise<Ended> => run('src/cli.ts', args, options).ended

/** One of the operator's verbs that is still at work. */
export const runningCli = (args: readonly string[], options: Options): Running => run('src/cli.ts', args, options)

/** The bot, as `npm start` runs it, on any free port. */
export const start = (options: Options): Running =>
  run('src/main.ts', [], { ...options, env: { SANDBOX_PORT: '0', ...options.env } })

/** It has said its last line about the start. */
export const isRunning = (bot: Running): Promise<boolean> =>
  until(
    () => bot.stdout().includes('Ctrl-C stops it'),
    () => `the start line; said: ${bot.stderr()}`,
    60_000,
  )

/** A folder that is gone after the test. */
export const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'minutewatch-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The lines of `--json` output. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at what came field by field
export const jsonLines = (text: string): any[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))

/** The lines of a text that say something. */
export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** Output that only an unforeseen error leaves. */
export const STACK_TRACE = /^\s+at .+:\d+/m
