import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Every room and the rooms it may import, lowest first: a room may only name rooms above its own line, so no arrow
 * points back. `:type` allows types only. The entry points in `src/`, `src/roles/` and `src/cli/` compose everything and may import
 * every room.
 */
const ROOMS: Record<string, string> = {
  'src/async': '',
  'src/sandbox': '',

  'src/model/time': '',
  'src/model/clusters': '',
  'src/model/features': 'time',
  'src/model/detector': 'time features clusters',
  'src/model/changes': 'time clusters detector',

  'src/pipeline/store': 'model/time',
  'src/pipeline/calendar': 'model/time async store:type',
  'src/pipeline/bars-file': 'model/time',
  'src/pipeline/columns': 'model/time model/detector store:type',
  'src/pipeline/sources': 'model/time model/changes:type async store calendar bars-file',
  'src/pipeline/topic': 'model/time async store:type bars-file',
  'src/pipeline/episodes': 'model/time model/detector model/changes:type async store:type calendar sources:type',
  'src/pipeline/views':
    'model/time:type model/clusters model/detector model/changes store:type calendar sources:type episodes',
  'src/pipeline/search-sink': 'model/time async store:type',
  'src/pipeline/stocks': 'model/time async store:type sources:type views:type',
  'src/pipeline/feed': 'model/time async store:type sources:type calendar stocks views:type',
  'src/pipeline/run': 'async store:type sources:type calendar stocks:type episodes views',
  'src/pipeline/bars':
    'model/time model/features model/detector async store:type sources:type calendar topic episodes views stocks feed:type run',
  'src/pipeline/changes':
    'model/time model/detector model/changes async store:type sources:type topic episodes views stocks feed:type run:type',

  'src/bot/locale': 'pipeline/sources:type pipeline/store:type',
  'src/bot/discord': 'async pipeline/store:type locale',
  'src/bot/render':
    'model/time model/detector:type model/changes:type pipeline/store:type pipeline/views:type locale:type',
  'src/bot/charts': 'model/time pipeline/views:type locale:type render',
  'src/bot/messages': 'pipeline/store:type pipeline/views:type discord locale:type render charts',
  'src/bot/interaction': 'async pipeline/store:type pipeline/views:type discord locale render charts:type',
  'src/bot/deliver':
    'model/time model/detector async pipeline/store:type pipeline/views:type discord locale render charts:type messages',

  commands: 'model/detector discord locale render charts messages interaction',
}
/** Files that every room may import. */
const EVERYWHERE = ['src/errors.ts', 'src/log.ts:type']
const isEverywhere = (file: string) => EVERYWHERE.some((known) => known.replace(':type', '') === file)
/** Files above all rooms. */
const isEntry = (file: string) => /^src\/((cli|roles)\/)?[\w-]+\.ts$/.test(file) && !isEverywhere(file)

const roomOf = (file: string): string | null =>
  Object.keys(ROOMS).find((room) => file.startsWith(`${room}/`)) ?? (isEntry(file) ? 'entry' : null)

const files = globSync(['src/**/*.ts', 'commands/*.ts'], { cwd: root })
const imports = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"`]*?from\s+'(\.[^']+)'/gms),
    ...text.matchAll(/import\((\s*)'(\.[^']+)'/g),
  ].map((found) => ({
    file,
    target: relative(root, join(root, dirname(file), found[2] ?? '')),
    type: found[1]?.startsWith('type') ?? false,
    lazy: found[0].startsWith('import('),
  }))
})
const arrow = ({ file, target }: { file: string; target: string }) => `${file} → ${target}`

/** The full names of the rooms that a room may import: its own area is left out in the table. */
const allowedFrom = (room: string): string[] =>
  (ROOMS[room] ?? '').split(' ').flatMap((name) => {
    const plain = name.replace(':type', '')
    const full = [`${dirname(room)}/${plain}`, `src/${plain}`, `src/bot/${plain}`].find((each) => each in ROOMS)
    return full === undefined ? [] : [name.endsWith(':type') ? `${full}:type` : full]
  })

test('every file stands in a room', () => {
  expect(files.filter((file) => roomOf(file) === null && !isEverywhere(file))).toEqual([])
})

test('a room imports only the rooms it may', () => {
  const wrong = imports.filter(({ file, target, type }) => {
    const room = roomOf(file)
    if (room === null || room === 'entry') return false
    const to = roomOf(target) ?? target
    if (to === room) return false
    const may = [...allowedFrom(room), ...(room === 'src/sandbox' ? [] : EVERYWHERE)]
    return !may.includes(to) && !(type && may.includes(`${to}:type`))
  })
  expect(imports.length).toBeGreaterThan(500)
  expect(wrong.map(arrow)).toEqual([])
})

test('the table of rooms allows no arrow back and none that is not there', () => {
  const rooms = Object.keys(ROOMS)
  const back = rooms.flatMap((room, floor) =>
    allowedFrom(room)
      .map((name) => name.replace(':type', ''))
      .filter((name) => rooms.indexOf(name) >= floor)
      .map((name) => `${room} → ${name}`),
  )
  expect(back).toEqual([])
  const unused = rooms.flatMap((room) => {
    const named = (ROOMS[room] ?? '').split(' ').filter((name) => name !== '')
    const used = allowedFrom(room).filter((name) =>
      imports.some(
        ({ file, target, type }) =>
          roomOf(file) === room && roomOf(target) === name.replace(':type', '') && (!type || name.endsWith(':type')),
      ),
    )
    return named.length === used.length
      ? []
      : [`${room} may import ${named.length} rooms and imports ${used.join(', ')}`]
  })
  expect(unused).toEqual([])
})

test('no source knows another', () => {
  const sourceOf = (file: string) => /^src\/pipeline\/sources\/([\w-]+)\//.exec(file)?.[1] ?? null
  const wrong = imports.filter(({ file, target }) => {
    const [from, to] = [sourceOf(file), sourceOf(target)]
    return from !== null && to !== null && from !== to
  })
  expect(wrong.map(arrow)).toEqual([])
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
  const impure = globSync('src/model/**/*.ts', { cwd: root }).filter((file) =>
    /Date\.now|new Date\(\)|Math\.random|from 'node:(?!crypto)|setTimeout|process\.|fetch\(/.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  )
  expect(impure).toEqual([])
})

test('ml-kmeans has one importer', () => {
  const importers = files.filter((file) => readFileSync(join(root, file), 'utf8').includes("'ml-kmeans'"))
  expect(importers).toEqual(['src/model/clusters/clusters.ts'])
})

test('the client of the search node is loaded by one file, and only when somebody wants it', () => {
  const text = (file: string) => readFileSync(join(root, file), 'utf8')
  const importers = files.filter((file) => text(file).includes("'@opensearch-project/opensearch'"))
  expect(importers).toEqual(['src/pipeline/search-sink/node.ts'])
  expect(text(importers[0]!)).toContain("await import('@opensearch-project/opensearch')")
})

test('the client of Kafka is loaded by one file, and only by a role that works with a topic', () => {
  const text = (file: string) => readFileSync(join(root, file), 'utf8')
  const withoutTypes = (file: string) => text(file).replaceAll(/^import type .*$/gm, '')
  const loaders = files.filter((file) => withoutTypes(file).includes("'@platformatic/kafka'"))
  expect(loaders).toEqual(['src/pipeline/topic/connection.ts'])
  expect(withoutTypes(loaders[0]!)).not.toMatch(/from\s+'@platformatic\/kafka'/)

  const targets = Map.groupBy(
    imports.filter(({ type, lazy }) => !type && !lazy),
    ({ file }) => file,
  )
  const reachedFrom = (file: string, reached = new Set<string>()): Set<string> => {
    if (!reached.has(file)) {
      reached.add(file)
      for (const { target } of targets.get(file) ?? []) reachedFrom(target, reached)
    }
    return reached
  }
  for (const role of ['all', 'bot']) expect([...reachedFrom(`src/roles/${role}.ts`)]).not.toContain(loaders[0])
  for (const role of ['collector', 'detector']) expect([...reachedFrom(`src/roles/${role}.ts`)]).toContain(loaders[0])
})

test('only the entry points read the environment', () => {
  const readers = files.filter((file) => readFileSync(join(root, file), 'utf8').includes('process.env'))
  expect(readers.toSorted()).toEqual(['src/cli.ts', 'src/main.ts'])
})
