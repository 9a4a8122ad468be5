import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The packages of the rivals, with the versions that the published figures were measured with. */
const PACKAGES = ['numpy==2.4.6', 'pandas==3.1.1', 'scikit-learn==1.9.1', 'pymysql==1.2.4', 'matplotlib==3.11.2']
const CACHE = join(homedir(), '.cache', 'minutewatch-bench')

/**
 * Runs a Python program with the rivals' packages to its end; returns its output, which is one JSON object. The first
 * call installs the packages from PyPI into a virtual environment in a cache folder, in less than a minute.
 *
 * @throws {Error} with the program's last lines; or if there is no Python with `venv`, or no PyPI
 */
export const python = async <Result>(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Result> => {
  const { stdout } = await run(await interpreter(), [join(import.meta.dirname, program), ...args], {
    env: { ...process.env, ...env },
    maxBuffer: 1e8,
  })
  return JSON.parse(stdout) as Result
}

const interpreter = async (): Promise<string> => {
  const folder = join(CACHE, `python-${createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12)}`)
  const wanted = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'complete'))) return wanted
  console.error(`Installing ${PACKAGES.join(', ')} into ${folder}, once.`)
  await mkdir(CACHE, { recursive: true })
  await rm(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  const half = join(CACHE, 'python-packages.txt')
  const { stdout } = await run(wanted, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--only-binary=:all:',
    ...PACKAGES,
    '--report',
    half,
  ])
  if (stdout !== '') console.error(stdout)
  await rename(half, join(folder, 'complete'))
  return wanted
}
