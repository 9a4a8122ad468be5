import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const areaOf = (file: string) =>
  file.match(/^src\/(model|pipeline|bot|sandbox)\//)?.[1] ?? (file.startsWith('commands/') ? 'commands' : 'top')

/** What each area may import; `:type` marks what it may know as types only. */
const allowed: Record<string, string[]> = {
  model: [],
  pipeline: ['model', 'log:type'],
  bot: ['model', 'pipeline:type', 'log:type'],
  commands: ['bot', 'model'],
  sandbox: [],
}

const imports = globSync(['src/**/*.ts', 'commands/*.ts'], { cwd: root }).flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"`]*?from\s+'(\.[^']+)'/gms),
    ...text.matchAll(/import\((\s*)'(\.[^']+)'/g),
  ].map((found) => {
    const target = relative(root, join(root, dirname(file), found[2] ?? ''))
    const area = target === 'src/log.ts' ? 'log' : areaOf(target)
    return { file, target, from: areaOf(file), to: area, type: found[1]?.startsWith('type') ?? false }
  })
})

test('arrows point down: model ← pipeline ← (types) bot ← commands ← main; the local Discord knows nothing of ours', () => {
  const wrong = imports.filter(({ from, to, type }) => {
    const may = allowed[from]
    return may !== undefined && from !== to && !may.includes(to) && !(type && may.includes(`${to}:type`))
  })
  expect(imports.length).toBeGreaterThan(100)
  expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
})

test('the bot knows the read side and the ports of the pipeline, nothing else of it', () => {
  const known = ['src/pipeline/read.ts', 'src/pipeline/ports.ts']
  const wrong = imports.filter(({ from, to, target }) => from === 'bot' && to === 'pipeline' && !known.includes(target))
  expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
})

test('no file imports itself, through whatever others', () => {
  const targets = Map.groupBy(imports, ({ file }) => file)
  const done = new Set<string>()
  const circleFrom = (file: string, path: readonly string[]): string | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ')
    if (done.has(file)) return null
    const circle =
      targets
        .get(file)
        ?.map(({ target }) => circleFrom(target, [...path, file]))
        .find((found) => found !== null) ?? null
    done.add(file)
    return circle
  }
  expect([...targets.keys()].map((file) => circleFrom(file, [])).filter((circle) => circle !== null)).toEqual([])
})

test('the model reads no clock, no file and no dice', () => {
  const impure = globSync('src/model/*.ts', { cwd: root }).filter((file) =>
    /Date\.now|new Date\(\)|Math\.random|from 'node:(?!crypto)|setTimeout|process\.|fetch\(/.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  )
  expect(impure).toEqual([])
})

test('ml-kmeans has one importer', () => {
  const importers = globSync(['src/**/*.ts', 'commands/*.ts'], { cwd: root }).filter((file) =>
    readFileSync(join(root, file), 'utf8').includes("'ml-kmeans'"),
  )
  expect(importers).toEqual(['src/model/clusters.ts'])
})

test('only the entry points read the environment', () => {
  const readers = globSync(['src/**/*.ts', 'commands/*.ts'], { cwd: root }).filter((file) =>
    readFileSync(join(root, file), 'utf8').includes('process.env'),
  )
  expect(readers.toSorted()).toEqual(['src/cli.ts', 'src/main.ts'])
})
