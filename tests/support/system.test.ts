import { accessSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aptInstall, chromium, isDebian, type Machine, type Part, provide, sentence } from './system.ts'

/** A machine with given parts, and what it was asked to do. */
const machine = (present: readonly Part[], more: Partial<Machine> = {}) => {
  const parts = new Set(present)
  const said: string[] = []
  const installed: string[][] = []
  const all: Machine = {
    has: (part) => parts.has(part),
    canInstall: false,
    ci: false,
    install(packages) {
      installed.push([...packages])
      if (packages.includes('mariadb-server')) parts.add('mariadb')
      if (packages.includes('chromium')) parts.add('chromium')
      if (packages.includes('maven')) parts.add('java')
      return null
    },
    say: (line) => said.push(line),
    ...more,
  }
  return { all, said, installed }
}

test('a machine that has everything is left alone', () => {
  const { all, said, installed } = machine(['mariadb', 'chromium', 'java'], { canInstall: true, ci: true })
  expect(provide(all)).toEqual([])
  expect([said, installed]).toEqual([[], []])
})

test('root on Debian gets exactly what is missing', () => {
  const bare = machine([], { canInstall: true, ci: true })
  expect(provide(bare.all)).toEqual([])
  expect(bare.installed).toEqual([['mariadb-server', 'chromium', 'openjdk-17-jdk-headless', 'maven']])
  const half = machine(['mariadb', 'java'], { canInstall: true })
  expect(provide(half.all)).toEqual([])
  expect(half.installed).toEqual([['chromium']])
  expect(half.said).toEqual(['Installing chromium with apt-get for the tests; this takes a minute or two, once.'])
})

test('who cannot install is told what is missing and how to get it', () => {
  const { all, installed } = machine(['chromium', 'java'])
  const missing = provide(all)
  expect([missing, installed]).toEqual([['mariadb'], []])
  expect(sentence(missing)).toContain('The tests need a MariaDB server, which this machine does not have.')
  expect(sentence(missing)).toContain('sudo apt-get install -y --no-install-recommends mariadb-server')
  expect(sentence(['mariadb', 'chromium'])).toContain('--no-install-recommends mariadb-server chromium')
})

test('an installation that fails is shown, and what it should have brought counts as missing', () => {
  const { all, said } = machine([], { canInstall: true, install: () => 'E: Unable to locate package chromium' })
  expect(provide(all)).toEqual(['mariadb', 'chromium', 'java'])
  expect(said.join('\n')).toContain('E: Unable to locate package chromium')
})

test('with CI=true a missing part is a failure', () => {
  expect(() => provide(machine(['mariadb', 'java'], { ci: true }).all)).toThrow(
    /need Chromium, .* With CI=true that is a failure\.$/,
  )
})

test.for([
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', true],
  ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', false],
  ['ID="fedora"\n', false],
] as const)('%j is Debian: %s', ([osRelease, expected]) => {
  expect(isDebian(osRelease)).toBe(expected)
})

test('Chromium, where there is one, can be run', () => {
  const path = chromium()
  if (path !== null) expect(() => accessSync(path, 1)).not.toThrow()
  else expect(provide(machine(['mariadb', 'java']).all)).toContain('chromium')
})

// ── the installation itself, with an apt-get of our own ──

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'apt-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const policy = () => join(folder, 'policy-rc.d')
const written = (name: string) => readFileSync(join(folder, name), 'utf8')
const install = (aptGet: string) => {
  writeFileSync(join(folder, 'apt-get'), `#!/bin/sh\n${aptGet}\n`)
  chmodSync(join(folder, 'apt-get'), 0o755)
  return aptInstall(['mariadb-server', 'chromium'], policy(), { PATH: `${folder}:/usr/bin:/bin`, HERE: folder })
}
const RECORD =
  'echo "$* $DEBIAN_FRONTEND $RUNLEVEL" >> "$HERE/calls"; "$HERE/policy-rc.d"; echo "services: $?" >> "$HERE/calls"'

test('apt-get is asked without questions while no service may start, and the guard is gone afterwards', () => {
  expect(install(RECORD)).toBeNull()
  expect(written('calls').split('\n')).toEqual([
    'update noninteractive 1',
    'services: 101',
    'install -y --no-install-recommends mariadb-server chromium noninteractive 1',
    'services: 101',
    '',
  ])
  expect(existsSync(policy())).toBe(false)
})

test('a guard that the machine has already stays', () => {
  writeFileSync(policy(), '#!/bin/sh\nexit 42\n', { mode: 0o755 })
  expect(install(RECORD)).toBeNull()
  expect(written('calls')).toContain('services: 42')
  expect(written('policy-rc.d')).toContain('exit 42')
})

test('the end of what apt-get says is given back, and the guard is gone then too', () => {
  expect(install('echo "E: no network"; exit 100')).toContain('E: no network')
  expect(existsSync(policy())).toBe(false)
})

test('an installation that is broken off takes its guard along', () => {
  expect(install('kill -TERM $PPID; sleep 0.1')).not.toBeNull()
  expect(existsSync(policy())).toBe(false)
})
