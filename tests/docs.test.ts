import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const unique = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted()
const groups = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

const FENCE = /^ *```\w*\n[\s\S]*?^ *```$/gm
const LINK = /\]\(([^)]+)\)/g
const INLINE_CODE = /`([^`\n]+)`/g
const SETTING = /\b([A-Z]+(?:_[A-Z]+)+|SOURCE)\b/g
const NUMBER = /\d+(?:[.,:]\d+)*/g

describe('README.md and README.ko.md say the same', () => {
  const sectionsOf = (text: string) => text.split(/^(?=#{2,3} )/m)
  const rowsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('|'))
  const linksOf = (text: string) => unique(groups(text, LINK)).filter((target) => !target.startsWith('README'))
  const numbersOf = (text: string) =>
    text.replace(FENCE, '').replace(LINK, ']').replace(INLINE_CODE, '').match(NUMBER) ?? []

  /** Numbers that English writes as words and Korean as digits; half an hour is 30 minutes. */
  const words = new Map([
    ...'zero one two three four five six seven eight nine ten eleven twelve'
      .split(' ')
      .map((word, value) => [word, String(value)] as const),
    ...(['third:3', 'thirty:30', 'half:30', 'September:9'] as const).map((pair) => pair.split(':') as [string, string]),
  ])
  const numbersInWords = (text: string) => (text.match(/\w+/g) ?? []).flatMap((word) => words.get(word) ?? [])

  /** Takes each entry of the second list out of the first, once. */
  const without = (first: readonly string[], second: readonly string[]) => {
    const left = [...first]
    for (const entry of second) if (left.includes(entry)) left.splice(left.indexOf(entry), 1)
    return left
  }

  const [english, korean] = [sectionsOf(read('README.md')), sectionsOf(read('README.ko.md'))]
  const pairs = english.map((section, at) => [section.split('\n')[0], section, korean[at] ?? ''] as const)

  test('in sections of the same order', () => {
    const levels = (sections: readonly string[]) => sections.map((section) => /^#*/.exec(section)?.[0])
    expect(levels(korean)).toEqual(levels(english))
  })

  test.for(pairs)('%s: the same commands, code, settings and links', ([, en, ko]) => {
    expect(ko.match(FENCE)).toEqual(en.match(FENCE))
    expect(unique(groups(ko, INLINE_CODE))).toEqual(unique(groups(en, INLINE_CODE)))
    expect(unique(groups(ko, SETTING))).toEqual(unique(groups(en, SETTING)))
    expect(linksOf(ko)).toEqual(linksOf(en))
  })

  test.for(pairs)('%s: the same numbers, and in the same rows of its tables', ([, en, ko]) => {
    expect(without(numbersOf(en), numbersOf(ko)), 'missing in Korean').toEqual([])
    const known = [...numbersOf(en), ...numbersInWords(en)]
    expect(
      numbersOf(ko).filter((number) => !known.includes(number)),
      'missing in English',
    ).toEqual([])
    expect(rowsOf(ko)).toHaveLength(rowsOf(en).length)
    for (const [at, row] of rowsOf(en).entries())
      expect(without(numbersOf(row), numbersOf(rowsOf(ko)[at] ?? '')), row).toEqual([])
  })

  test('each links to the other at its beginning', () => {
    expect(english[0]).toMatch(/^# minutewatch\n\n\[한국어\]\(README\.ko\.md\)\n/)
    expect(korean[0]).toMatch(/^# minutewatch\n\n\[English\]\(README\.md\)\n/)
  })
})

describe.for([...globSync('*.md', { cwd: root }), ...globSync('docs/*.md', { cwd: root })])(
  '%s names what exists',
  (page) => {
    const text = read(page)

    test('files', () => {
      const linked = groups(text, LINK).filter((target) => !target.includes('://'))
      expect(linked.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
    })

    test('scripts', () => {
      const named = unique(groups(text, /npm run (?:-s )?([a-z][\w:]*)/g))
      expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([])
    })

    test('settings', () => {
      const known = read('.env.example') + read('tests/support/data.ts')
      const named = unique(groups(text.replace(/^```ts\n[\s\S]*?^```$/gm, ''), SETTING))
      expect(named.filter((name) => !known.includes(name))).toEqual([])
    })
  },
)

describe('the examples of docs/', () => {
  const examples = globSync('docs/*.md', { cwd: root }).flatMap((page) =>
    [...read(page).matchAll(/^```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)^```$/gm)].map(([, path = '', code = '']) => ({
      path,
      code,
    })),
  )
  const paths = examples.map(({ path }) => path)

  test.for(examples)('$path imports what is exported', ({ path, code }) => {
    const imports = [...code.matchAll(/^import (?:type )?\{ ([^}]+) \} from '(\.[^']+)'$/gm)]
    expect(imports.length).toBeGreaterThan(0)
    const missing = imports.flatMap(([, names = '', target = '']) => {
      const file = join(dirname(path), target)
      if (paths.includes(file)) return []
      const source = existsSync(join(root, file)) ? read(file) : ''
      const isExported = (name: string) => new RegExp(`^export .*\\b${name}\\b`, 'm').test(source)
      return names
        .split(', ')
        .map((name) => name.replace('type ', ''))
        .flatMap((name) => (isExported(name) ? [] : [`${name} of ${file}`]))
    })
    expect(missing).toEqual([])
  })
})
