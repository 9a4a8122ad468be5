import fc from 'fast-check'
import { expect, test } from 'vitest'

interface Node {
  readonly type: string
  readonly text?: string
  readonly children?: readonly Node[]
  readonly items?: readonly Node[]
}
// The page's modules are plain JavaScript for the browser; an import by address needs no types.
const load = (file: string) => import(new URL(`../../src/sandbox/page/${file}`, import.meta.url).href)
const { parse } = (await load('markdown.js')) as { parse: (source: string) => Node[] }

/** Writes the tree in one line, for example `strong(text)`. */
const show = (node: Node): string => {
  const inside = [...(node.children ?? []), ...(node.items ?? [])]
  if (node.type === 'text') return node.text ?? ''
  const name = node.type === undefined ? 'item' : node.type
  return `${name}(${inside.length > 0 ? inside.map(show).join('') : (node.text ?? '')})`
}
const inline = (source: string) =>
  parse(source)
    .map(show)
    .join('|')
    .replace(/^text-block\((.*)\)$/s, '$1')

test.for([
  ['plain words', 'plain words'],
  ['**a** and *b* and _c_', 'strong(a) and emphasis(b) and emphasis(c)'],
  ['***both***', 'strong(emphasis(both))'],
  ['__u__ ~~s~~ ||h||', 'underline(u) strike(s) spoiler(h)'],
  ['**a *b* c**', 'strong(a emphasis(b) c)'],
  ['snake_case_name', 'snake_case_name'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['\\*not\\*', '*not*'],
  ['`**raw**`', 'code(**raw**)'],
  ['[text](https://a.example/x)', 'link(text)'],
  ['[bad](javascript:alert(1))', '[bad](javascript:alert(1))'],
  ['see https://a.example/x.', 'see link(https://a.example/x).'],
  ['<t:1767225600:R> <#123> <@456>', 'time() channel() user()'],
  ['+4.2 % 코아시아', '+4.2 % 코아시아'],
])('%s', ([source, expected]) => {
  expect(inline(source ?? '')).toBe(expected)
})

test('blocks: headings, subtext, quotes, lists and fences stand between lines of text', () => {
  const source = 'one\ntwo\n# big\n-# small\n> q1\n> q2\n- a\n- b\n1. c\n```js\n**x**\n```\nend'
  expect(parse(source).map(show)).toEqual([
    'text-block(one\ntwo)',
    'heading(big)',
    'subtext(small)',
    'quote(q1\nq2)',
    'list(item(a)item(b))',
    'list(item(c))',
    'code-block(**x**)',
    'text-block(end)',
  ])
})

const textOf = (node: Node): string =>
  (node.text ?? '') + [...(node.children ?? []), ...(node.items ?? [])].map(textOf).join('')

test('any text is read to its end, and no word of it is lost', () => {
  const marks = [
    '*',
    '**',
    '_',
    '__',
    '`',
    '~~',
    '||',
    '\\',
    '<',
    '>',
    '[',
    ']',
    '(',
    ')',
    '\n',
    ' ',
    '- ',
    '# ',
    '> ',
    'http://',
  ]
  const piece = fc.constantFrom(...marks, 'A', '한', '1')
  const words = (text: string) => text.replace(/[^A한]/gu, '')
  const source = fc.array(piece, { maxLength: 40 }).map((all) => all.join(''))
  fc.assert(
    fc.property(source, (text) => {
      // A link with a title shows the title and leaves the address out.
      fc.pre(!text.includes(']('))
      expect(words(parse(text).map(textOf).join(''))).toBe(words(text))
    }),
    { seed: 7, numRuns: 500 },
  )
})
