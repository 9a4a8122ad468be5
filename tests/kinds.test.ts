import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { E2E, INTEGRATION } from '../vitest.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const filesOf = (patterns: readonly string[]) => globSync([...patterns], { cwd: root })

/** Everything that a test imports, itself and through other files of `tests/`. */
const importsOf = (file: string, seen = new Set<string>()): Set<string> => {
  if (!file.startsWith('tests/')) return seen
  for (const [, target = ''] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const name = target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target
    if (seen.has(name)) continue
    seen.add(name)
    importsOf(name, seen)
  }
  return seen
}
/** A test that imports one of these starts a program or a server. */
const STARTERS = [
  'node:child_process',
  'playwright-core',
  'src/app.ts',
  'node:http',
  'node:net',
  '@hono/node-server',
  'ws',
  'src/sandbox/index.ts',
  'src/health.ts',
]

test('a unit test starts no program and no server', () => {
  const others = filesOf([...INTEGRATION, ...E2E])
  const unit = filesOf(['tests/**/*.test.ts']).filter((file) => !others.includes(file))
  expect(unit.length).toBeGreaterThan(40)
  expect(unit.filter((file) => STARTERS.some((name) => importsOf(file).has(name)))).toEqual([])
})
