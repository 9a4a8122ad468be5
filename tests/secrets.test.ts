import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { SetupError } from '../src/errors.ts'
import { SECRETS } from '../src/secrets.ts'

const CONTENT = 'hunter2-secret'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'minutewatch-secrets-'))
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (content: string | Uint8Array): string => {
  const path = join(mkdtempSync(join(folder, 'one-')), 'secret')
  writeFileSync(path, content)
  return path
}

/** The lines of the error, without its title. */
const problemsOf = (env: Record<string, string>): string[] => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof SetupError) return error.message.split('\n').slice(1)
    throw error
  }
  throw new Error('expected a SetupError')
}

test.for([
  ['as it is', CONTENT],
  ['without the line break at its end', `${CONTENT}\n`],
  ["without a Windows editor's line break and byte order mark", `\uFEFF${CONTENT}\r\n`],
] as const)('the text of a file is a secret, %s', ([, content]) => {
  expect(readConfig({ DISCORD_TOKEN_FILE: file(content) }).DISCORD_TOKEN).toBe(CONTENT)
})

test('each secret can come from a file', () => {
  const values: Record<string, string> = {
    DATABASE_URL: `mysql://bot:${CONTENT}@127.0.0.1:3306/bot`,
    BRIDGE_URL: `mysql://collector:${CONTENT}@127.0.0.1:3306/kiwoom3`,
  }
  const secretOf = (name: string) => values[name] ?? `${name}-${CONTENT}`
  const files = Object.fromEntries(SECRETS.map((name) => [`${name}_FILE`, file(`${secretOf(name)}\n`)]))
  const users = {
    ELASTICSEARCH_USERNAME: 'minutewatch',
    KAFKA_SASL_USERNAME: 'minutewatch',
    KAFKA_SASL_MECHANISM: 'PLAIN',
  }
  expect(readConfig({ ...files, ...users })).toMatchObject(
    Object.fromEntries(SECRETS.map((name) => [name, secretOf(name)])),
  )
})

test('every setting that is named like a secret is one', () => {
  const named = [
    ...readFileSync(new URL('../src/config.ts', import.meta.url), 'utf8').matchAll(
      /^ {2}(\w+_(?:TOKEN|KEY|SECRET|PASSWORD)|DATABASE_URL|BRIDGE_URL):/gm,
    ),
  ].map((found) => found[1])
  expect(named.toSorted()).toEqual(SECRETS.toSorted())
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
  expect(SECRETS.filter((name) => !example.includes(`${name}_FILE`))).toEqual([])
})

test('a file of keys chooses the real market, as the keys do', () => {
  const keys = { KIWOOM_APP_KEY_FILE: file('a'), KIWOOM_SECRET_KEY_FILE: file('b') }
  expect(readConfig(keys).SOURCE).toBe('kiwoom')
})

test('empty settings count as not set, whichever of the two', () => {
  expect(readConfig({ DISCORD_TOKEN_FILE: '' })).toEqual(readConfig({}))
  expect(readConfig({ DISCORD_TOKEN: '', DISCORD_TOKEN_FILE: file(CONTENT) }).DISCORD_TOKEN).toBe(CONTENT)
})

test.for([
  ['that is not there', () => join(folder, 'none'), 'does not exist: name a file that holds the secret'],
  ['whose folder is a file', () => `${file(CONTENT)}/x`, 'does not exist: name a file that holds the secret'],
  ['that is a folder', () => folder, 'is a folder: name a file that holds the secret'],
  ['without content', () => file(''), 'is empty: write the secret into it'],
  ['with a line break alone', () => file('\n'), 'is empty: write the secret into it'],
  ['with two lines', () => file(`${CONTENT}\n${CONTENT}\n`), 'has more than one line: write the secret alone into it'],
  [
    'of bytes that are no text',
    () => file(Uint8Array.of(0x68, 0xff, 0xfe)),
    'is not text in UTF-8: write the secret alone into it',
  ],
] as const)('a file %s is one sentence with the names of setting and file, without the content', ([, make, what]) => {
  const path = make()
  expect(problemsOf({ KIWOOM_SECRET_KEY_FILE: path, KIWOOM_APP_KEY: 'a' })).toEqual([
    `  KIWOOM_SECRET_KEY_FILE: ${path} ${what}`,
  ])
})

test('a secret and a file for it at once are refused, without either value', () => {
  const path = file(CONTENT)
  expect(problemsOf({ DISCORD_TOKEN: CONTENT, DISCORD_TOKEN_FILE: path })).toEqual([
    `  DISCORD_TOKEN_FILE: names ${path}, and DISCORD_TOKEN is set as well: keep one of the two`,
  ])
})

test('a file that this user may not read is told', () => {
  const path = file(CONTENT)
  chmodSync(path, 0)
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    expect(problemsOf({ DATABASE_URL_FILE: path, SOURCE: 'bridge' })).toEqual([
      `  DATABASE_URL_FILE: ${path} cannot be read (EACCES): let the user that minutewatch runs as read it`,
    ])
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test.for([
  ['DISCORD_TOKEN', 'MTE0.Gh2xYz.hunter2-secret'],
  ['DATABASE_URL', 'mysql://bot:hunter2-secret@127.0.0.1:3306/bot'],
] as const)('the secret itself in place of a file for %s is not repeated', ([name, value]) => {
  const [problem, ...more] = problemsOf({ [`${name}_FILE`]: value })
  expect(problem).toBe(`  ${name}_FILE: what it names does not exist: name a file that holds the secret`)
  expect(more).toEqual([])
})

test('every mistake is told at once: those of files and those of settings', () => {
  const problems = problemsOf({ DISCORD_TOKEN_FILE: join(folder, 'none'), SANDBOX_PORT: 'x', SOURCE: 'csv' })
  expect(problems.map((problem) => problem.trim().split(':')[0])).toEqual([
    'DISCORD_TOKEN_FILE',
    'SANDBOX_PORT',
    'CSV_FILE',
  ])
})
