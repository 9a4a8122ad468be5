/** Programs that the tests need beside Node: where they are, and how to get them. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Part = 'mariadb' | 'chromium' | 'java'
const PARTS: readonly Part[] = ['mariadb', 'chromium', 'java']

const NAMES = { mariadb: 'a MariaDB server', chromium: 'Chromium', java: 'Java 17 with Maven' } as const
const DEBIAN_PACKAGES: Readonly<Record<Part, readonly string[]>> = {
  mariadb: ['mariadb-server'],
  chromium: ['chromium'],
  java: ['openjdk-17-jdk-headless', 'maven'],
}
/** Servers lie in sbin, which is not on everybody's PATH. */
const ALSO = ['/usr/local/sbin', '/usr/sbin', '/usr/local/bin', '/usr/bin', '/usr/libexec', '/opt/homebrew/bin']

/** The server and the program that makes its data folder, or null. */
export const mariadbPrograms = (): { server: string; install: string } | null => {
  const server = find(['mariadbd', 'mysqld'])
  const install = find(['mariadb-install-db', 'mysql_install_db'])
  return server && install ? { server, install } : null
}

/** The executable of a Chromium or Chrome, or null. */
export const chromium = (): string | null =>
  find(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) ??
  [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find(existsSync) ??
  null

/** Arguments with which a test starts it: as root, without a display, and without calls home. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

export interface JavaPrograms {
  readonly java: string
  readonly javac: string
  readonly jar: string
  readonly mvn: string
}

/** Java, its compiler, its archiver and Maven, or null. */
export const javaPrograms = (): JavaPrograms | null => {
  const [java, javac, jar, mvn] = ['java', 'javac', 'jar', 'mvn'].map((name) => find([name]))
  return java && javac && jar && mvn ? { java, javac, jar, mvn } : null
}

/** Set when Maven could not get the jars of the servers: Java alone is of no use then. */
export const WITHOUT_JARS = 'MINUTEWATCH_TESTS_WITHOUT_JARS'

const FINDERS: Readonly<Record<Part, () => unknown>> = {
  mariadb: mariadbPrograms,
  chromium,
  java: () => (process.env[WITHOUT_JARS] === undefined ? javaPrograms() : null),
}

export const has = (part: Part): boolean => FINDERS[part]() !== null

export const inCi = (): boolean => process.env.CI === 'true'

const find = (names: readonly string[]): string | null => {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable) ?? null
}

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The parts of the machine that `provide` uses. */
export interface Machine {
  has(part: Part): boolean
  /** Root on Debian with apt-get. */
  readonly canInstall: boolean
  readonly ci: boolean
  /** Null when it worked, else the end of what apt-get said. */
  install(packages: readonly string[]): string | null
  say(line: string): void
}

/**
 * Gets what is missing where it can, says what is still missing and how to get it, and returns that.
 *
 * @throws {Error} with CI=true, where a missing part is a failure
 */
export const provide = (machine: Machine): Part[] => {
  const absent = () => PARTS.filter((part) => !machine.has(part))
  const wanted = absent()
  if (wanted.length === 0) return []
  const packages = wanted.flatMap((part) => DEBIAN_PACKAGES[part])
  if (machine.canInstall) {
    machine.say(`Installing ${packages.join(' and ')} with apt-get for the tests; this takes a minute or two, once.`)
    const failure = machine.install(packages)
    if (failure !== null) machine.say(`apt-get could not install ${packages.join(' and ')}:\n${failure}`)
  }
  const missing = absent()
  if (missing.length > 0 && machine.ci) throw new Error(`${sentence(missing)} With CI=true that is a failure.`)
  return missing
}

/** One line about what is missing and the command that gets it. */
export const sentence = (missing: readonly Part[]): string => {
  const names = missing.map((part) => NAMES[part]).join(' and ')
  const packages = missing.flatMap((part) => DEBIAN_PACKAGES[part]).join(' ')
  return (
    `The tests need ${names}, which this machine does not have. ` +
    `On Debian: sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages} (elsewhere: the packages of the same purpose).`
  )
}

/** Ubuntu is not Debian here: its Chromium is a snap, which containers cannot run. */
export const isDebian = (osRelease: string): boolean => /^ID="?debian"?$/m.test(osRelease)

/**
 * Keeps services from being started while packages are unpacked, and takes that back however it ends. $1 is the guard's
 * file, which a container image often has already; the rest are packages. RUNLEVEL is what older start scripts look at.
 */
const INSTALL = `
set -e
policy=$1
shift
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get update
apt-get install -y --no-install-recommends "$@"
`

export const aptInstall = (
  packages: readonly string[],
  policy = '/usr/sbin/policy-rc.d',
  env = process.env,
): string | null => {
  const { status, stdout, stderr, error } = spawnSync('/bin/sh', ['-c', INSTALL, 'sh', policy, ...packages], {
    encoding: 'utf8',
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return null
  return error ? error.message : `${stdout}${stderr}`.trimEnd().split('\n').slice(-12).join('\n')
}

export const thisMachine = (): Machine => ({
  has,
  canInstall:
    process.getuid?.() === 0 &&
    find(['apt-get']) !== null &&
    existsSync('/etc/os-release') &&
    isDebian(readFileSync('/etc/os-release', 'utf8')),
  ci: inCi(),
  install: (packages) => aptInstall(packages),
  say: (line) => console.error(line),
})
