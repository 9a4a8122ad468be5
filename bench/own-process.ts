import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Options {
  /** The process and all that it starts are ended after this long; it may take any time when absent. */
  readonly limitMs?: number
  /** The folder for its temporary files. */
  readonly temporary?: string
  /**
   * True puts it at the head of a process group, which is ended with it: whatever it has started and left ends too.
   */
  readonly leads?: boolean
}

/** The options of V8 that `npm start` gives. */
const AS_STARTED = ['--max-semi-space-size=4']

/**
 * Calls an exported function of a bench's file in a process of its own, so that its memory and its event loop are its
 * own. Arguments and result are plain JSON.
 *
 * @throws {Error} with its last lines, if it fails or takes too long
 */
export const inOwnProcess = async <Result>(
  file: URL,
  name: string,
  args: readonly unknown[],
  { limitMs, temporary, leads = false }: Options = {},
): Promise<Result> => {
  const child = fork(fileURLToPath(new URL('own-process-child.ts', import.meta.url)), {
    detached: leads,
    execArgv: AS_STARTED,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...(temporary === undefined ? {} : { TMPDIR: temporary }) },
  })
  const kill = () => end(child, leads)
  const timer = limitMs === undefined ? null : setTimeout(kill, limitMs)
  process.once('exit', kill)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  try {
    return await new Promise<Result>((resolve, reject) => {
      child.once('message', (message: { result: Result } | { problem: string }) =>
        'problem' in message ? reject(new Error(message.problem)) : resolve(message.result),
      )
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        const late = limitMs !== undefined && signal === 'SIGKILL'
        const why = late ? `not done after ${Math.round(limitMs / 1_000)} s` : `ended with ${code ?? signal}: ${said}`
        reject(new Error(why))
      })
      child.send({ file: file.href, name, args })
    })
  } finally {
    if (timer) clearTimeout(timer)
    process.off('exit', kill)
    kill()
  }
}

const end = (child: ChildProcess, leads: boolean): void => {
  if (!leads || child.pid === undefined) return void child.kill('SIGKILL')
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The whole group has ended already.
  }
}
