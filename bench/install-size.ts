/**
 * The size of what `npm ci` installs, and its largest packages: `npm run bench -- size`. Packages that only those need
 * who change the program are told apart by the lock file.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Figure, printFigures } from './figures.ts'

const LARGEST = 6
const root = fileURLToPath(new URL('..', import.meta.url))

/** Bytes that a package occupies, without the packages inside it. */
const bytesOf = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const path = join(folder, entry.name)
      return sum + (entry.isDirectory() ? bytesOf(path) : lstatSync(path).blocks * 512)
    }, 0)

const isInstalled = (path: string): boolean => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined

export const installSizeFigures = (): Figure[] => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const packages = Object.entries(lock.packages)
    .filter(([path]) => path !== '' && isInstalled(path))
    .map(([path, { dev = false }]) => ({ path, dev, megabytes: bytesOf(join(root, path)) / 2 ** 20 }))
    .toSorted((a, b) => b.megabytes - a.megabytes)
  const total = (chosen: typeof packages) => chosen.reduce((sum, { megabytes }) => sum + megabytes, 0)
  const largest = (chosen: typeof packages) =>
    chosen
      .slice(0, LARGEST)
      .map(({ path, megabytes }) => `${path.replace('node_modules/', '')} ${Math.round(megabytes)}`)
      .join(', ')
  const needed = packages.filter(({ dev }) => !dev)
  const size = { unit: 'MB' }
  return [
    { ...size, what: 'npm ci --omit=dev', values: [total(needed)], note: `largest: ${largest(needed)}` },
    {
      ...size,
      what: 'npm ci',
      values: [total(packages)],
      note: `besides: ${largest(packages.filter(({ dev }) => dev))}`,
    },
  ]
}

export const benchInstallSize = async (): Promise<void> => printFigures(installSizeFigures())

if (import.meta.main) await benchInstallSize()
