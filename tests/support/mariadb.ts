import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { freePort } from './free-port.ts'
import { mariadbPrograms } from './system.ts'

/** A throw-away MariaDB server on 127.0.0.1, with user `root` and no password. */
export interface Mariadb {
  readonly port: number
  /** The value of DATABASE_URL for one of its databases; the name need not exist yet. */
  url(database: string): string
  /** Runs statements as root, in order. */
  run(...statements: string[]): Promise<void>
  /** Stops the server and keeps its data; by default as gently as a service would. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>
  /**
   * Stops a running server in its tracks, and lets it go on: connections stay open and silent. Resolves when not one of
   * its threads runs any more.
   */
  pause(): Promise<void>
  resume(): void
  /** Ends the server and removes its folder. */
  remove(): Promise<void>
}

/** Starts one in about a second. `options` are mariadbd's own, as in `--sql-mode=ANSI`. */
export const startMariadb = async (...options: string[]): Promise<Mariadb> => {
  const programs = mariadbPrograms()
  if (!programs) throw new Error('no MariaDB server on this machine')
  const folder = mkdtempSync(join(tmpdir(), 'mariadb-'))
  const data = join(folder, 'data')
  // A server that starts clears its folder for temporary tables, which must not be another one's.
  const scratch = join(folder, 'tmp')
  mkdirSync(scratch)
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  let child: ChildProcess | null = null
  let port = 0
  process.once('exit', () => child?.kill('SIGKILL'))

  const install = () => {
    const made = spawnSync(
      programs.install,
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--tmpdir=${scratch}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--skip-name-resolve',
        ...asRoot,
      ],
      { encoding: 'utf8' },
    )
    if (made.status !== 0) throw new Error(`${programs.install} failed: ${made.stdout}${made.stderr}`)
  }

  const pidFile = join(folder, 'pid')
  const log = join(folder, 'log.err')

  const launch = async () => {
    rmSync(log, { force: true })
    const server = spawn(
      programs.server,
      [
        '--no-defaults',
        `--datadir=${data}`,
        `--tmpdir=${scratch}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${pidFile}`,
        `--log-error=${log}`,
        '--skip-name-resolve',
        ...asRoot,
        ...options,
      ],
      { stdio: 'ignore' },
    )
    child = server
    // Somebody else may have taken the port meanwhile, and be a MariaDB too.
    while ((await pidFileAt(port)) !== pidFile) {
      if (server.exitCode === null && server.signalCode === null) await wait(20)
      else throw new Error(`${programs.server} ended: ${readFileSync(log, 'utf8').split('\n').slice(-8).join('\n')}`)
    }
  }

  const launchOnFreePort = async (attempts = 5): Promise<void> => {
    port = await freePort()
    await launch().catch((error: Error) => {
      if (attempts === 1 || !error.message.includes('Bind on TCP/IP port')) throw error
      return launchOnFreePort(attempts - 1)
    })
  }

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    child.kill(signal)
    child.kill('SIGCONT')
    await ended
  }

  const remove = async () => {
    await stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    install()
    await launchOnFreePort()
  } catch (error) {
    await remove()
    throw error
  }

  return {
    port,
    url: (database) => `mysql://root@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    async run(...statements) {
      const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
      try {
        for (const statement of statements) await connection.query(statement)
      } finally {
        await connection.end()
      }
    },
    stop,
    start: launch,
    async pause() {
      const pid = child?.pid
      if (pid === undefined) return
      child?.kill('SIGSTOP')
      while (!isStopped(pid)) await wait(1)
    },
    resume: () => child?.kill('SIGCONT'),
    remove,
  }
}

/**
 * Each thread stops by itself after SIGSTOP: its state is then `T`, which stands behind its name in parentheses.
 */
const isStopped = (pid: number): boolean => {
  const state = (thread: string) => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => /\) [Tt] /.test(state(thread)))
  } catch {
    return false // one of them ended meanwhile
  }
}

/** By which file a server can be told from others; null where none answers. */
const pidFileAt = async (port: number): Promise<string | null> => {
  try {
    const connection = await createConnection({ host: '127.0.0.1', port, user: 'root', rowsAsArray: true })
    const [[[file]]] = (await connection.query('SELECT @@pid_file')) as unknown as [[[string]]]
    await connection.end()
    return file
  } catch {
    return null
  }
}
