/**
 * A service of deploy/compose.yaml without Docker: a folder with what the Dockerfile copies, and in it the image's
 * command with the service's environment, as a user who may write nothing but the folder `data`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { composeOf, type Service, textOf } from '../deploy/compose-file.ts'
import { dockerfile, imageFiles } from '../deploy/dockerfile.ts'
import type { Ended, Running } from './child.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Puts together in a folder what the image has in its own. Packages are links to those of this repository. */
export const buildImage = (folder: string): void => {
  chmodSync(folder, 0o755)
  for (const file of imageFiles) cpSync(join(root, file), join(folder, file), { recursive: true })
  for (const name of productionPackages()) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  mkdirSync(join(folder, 'data'))
  if (user()) chownSync(join(folder, 'data'), ...ids)
}

/** The packages that `npm ci --omit=dev` installs, without the Node among them. */
const productionPackages = (): string[] => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>
  }
  return Object.entries(packages).flatMap(([path, { dev, optional }]) => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
    return name === undefined || dev || (optional && name.startsWith('node-linux-')) ? [] : [name]
  })
}

const ids = dockerfile.user.split(':').map(Number) as [number, number]

/** The image's user if this process may become it and it can read the packages; else nothing changes. */
const user = (): { uid: number; gid: number } | null => {
  if (process.getuid?.() !== 0) return null
  const [uid, gid] = ids
  const reads = spawnSync(process.execPath, ['-e', `fs.readFileSync(${JSON.stringify(join(root, 'package.json'))})`], {
    uid,
    gid,
    cwd: '/',
  })
  return reads.status === 0 ? { uid, gid } : null
}

interface Options {
  readonly image: string
  /** The folder with the secrets, a file each. */
  readonly secrets: string
  /** The addresses of this machine for those inside Docker, and what else differs in a test. */
  readonly env: Readonly<Record<string, string>>
}

export interface Container extends Running {
  /** Runs the health check of compose.yaml; resolves with its exit code and the line that it printed. */
  health(): { code: number | null; line: string }
}

/** Starts a service of compose.yaml. */
export const startService = (name: string, { image, secrets, env }: Options): Container => {
  const service: Service | undefined = composeOf(textOf('compose.yaml')).services[name]
  if (service?.healthcheck === undefined) throw new Error(`compose.yaml has no service ${name} with a health check`)
  const given = Object.entries(service.environment ?? {}).map(([setting, value]) => [
    setting,
    value.replace('/run/secrets', secrets),
  ])
  const options = {
    cwd: image,
    env: { PATH: process.env.PATH, ...dockerfile.environment, ...Object.fromEntries(given), ...env },
    ...user(),
  }
  const child = spawn(process.execPath, dockerfile.command.slice(1), { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, ...said }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended.catch(() => {})
  })
  const check = service.healthcheck.test.slice(2)
  return {
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    kill: (signal) => void child.kill(signal),
    ended,
    health: () => {
      const { status, stdout } = spawnSync(process.execPath, check, { ...options, encoding: 'utf8' })
      return { code: status, line: stdout.trim() }
    },
  }
}
