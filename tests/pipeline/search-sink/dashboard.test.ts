import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { templates } from '../../../src/pipeline/search-sink/templates.ts'

interface SavedObject {
  readonly id: string
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: attributes differ by type
  readonly attributes: any
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[]
}
const file = new URL('../../../deploy/dashboards/minutewatch.ndjson', import.meta.url)
const objects: SavedObject[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const ofType = (type: string) => objects.filter((object) => object.type === type)

interface Template {
  readonly index_patterns: readonly string[]
  readonly template: { readonly mappings: { readonly properties: Readonly<Record<string, { readonly type: string }>> } }
}
/** The fields of the index pattern that an object refers to. */
const fieldsOf = (object: SavedObject): Readonly<Record<string, { readonly type: string }>> => {
  const reference = object.references.find(({ type }) => type === 'index-pattern')
  const pattern = objects.find(({ id }) => id === (reference?.id ?? object.id))
  const all = Object.values(templates('kiwoom')) as Template[]
  const template = all.find(({ index_patterns }) => index_patterns.includes(pattern?.attributes.title))
  return template?.template.mappings.properties ?? {}
}

describe('the saved dashboard', () => {
  test('refers only to objects of its file', () => {
    const known = objects.map(({ type, id }) => `${type} ${id}`)
    const named = objects.flatMap(({ references }) => references.map(({ type, id }) => `${type} ${id}`))
    expect(named.filter((name) => !known.includes(name))).toEqual([])
    expect(ofType('dashboard')).toHaveLength(1)
    const [dashboard] = ofType('dashboard')
    const panels = JSON.parse(dashboard!.attributes.panelsJSON) as { panelRefName: string }[]
    expect(panels.map(({ panelRefName }) => panelRefName)).toEqual(dashboard!.references.map(({ name }) => name))
    expect(panels.length).toBeGreaterThan(4)
  })

  test.for(ofType('index-pattern'))('$attributes.title lists the fields of the mapping', (pattern) => {
    const mapped = fieldsOf(pattern)
    expect(mapped[pattern.attributes.timeFieldName]?.type).toBe('date')
    const listed = (JSON.parse(pattern.attributes.fields) as { name: string; esTypes: string[] }[])
      .filter(({ name }) => !name.startsWith('_'))
      .map(({ name, esTypes }) => [name, esTypes[0]])
    const wanted = Object.entries(mapped).filter(([, { type }]) => type !== 'object')
    expect(listed.toSorted()).toEqual(wanted.map(([name, { type }]) => [name, type]).toSorted())
  })

  test.for([...ofType('visualization'), ...ofType('search')])('$attributes.title shows fields that exist', (object) => {
    const { attributes } = object
    const aggregations = attributes.visState === undefined ? [] : JSON.parse(attributes.visState).aggs
    const used: string[] = [
      ...aggregations.flatMap(({ params }: { params: { field?: string } }) => params.field ?? []),
      ...(attributes.columns ?? []),
      ...(attributes.sort ?? []).map(([field]: [string]) => field),
    ]
    expect(used.length).toBeGreaterThan(0)
    const mapped = fieldsOf(object)
    expect(used.filter((field) => (mapped[field]?.type ?? 'object') === 'object')).toEqual([])
    const source = JSON.parse(attributes.kibanaSavedObjectMeta.searchSourceJSON)
    expect(object.references.map(({ name }) => name)).toEqual([source.indexRefName])
  })
})
