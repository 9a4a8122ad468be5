import { expect, test } from 'vitest'

interface Line {
  readonly kind: string
  readonly command?: { readonly name: string } | null
  readonly values?: Map<{ name: string }, string>
  readonly focused?: { readonly name: string } | null
}
const load = (file: string) => import(new URL(`../../src/sandbox/page/${file}`, import.meta.url).href)
const { readLine, sentValue } = (await load('command-line.js')) as {
  readLine: (text: string, commands: object[], locale: string) => Line
  sentValue: (option: object, text: string, picked: Map<string, unknown>, locale: string) => unknown
}

const COMMANDS = [
  {
    name: 'watch',
    options: [{ name: 'symbol', name_localizations: { ko: '종목' }, type: 3, required: true, autocomplete: true }],
  },
  {
    name: 'centers',
    name_localizations: { ko: '중심' },
    options: [
      { name: 'symbol', type: 3, required: true },
      { name: 'k', type: 4, choices: [2, 3, 4].map((value) => ({ name: String(value), value })) },
      { name: 'seed', type: 5 },
    ],
  },
  { name: 'settings', options: [{ name: 'quiet', type: 1, options: [{ name: 'hours', type: 4, required: true }] }] },
  { name: 'help', options: [] },
]
const read = (text: string, locale = 'en-US') => {
  const line = readLine(text, COMMANDS, locale)
  return {
    kind: line.kind,
    command: line.command?.name,
    values: Object.fromEntries([...(line.values ?? [])].map(([option, value]) => [option.name, value])),
    focused: line.focused?.name,
  }
}

test.for([
  ['hello', { kind: 'text' }],
  ['/wa', { kind: 'naming' }],
  ['/watch', { kind: 'naming', command: 'watch' }],
  ['/watch ', { kind: 'filling', command: 'watch', values: {} }],
  ['/watch 038530', { kind: 'filling', values: { symbol: '038530' }, focused: 'symbol' }],
  ['/watch samsung electronics', { values: { symbol: 'samsung electronics' } }],
  ['/watch symbol:코아시아 (038530)', { values: { symbol: '코아시아 (038530)' }, focused: 'symbol' }],
  ['/centers 038530 3', { values: { symbol: '038530', k: '3' }, focused: 'k' }],
  ['/centers samsung electronics 3 true', { values: { symbol: 'samsung electronics', k: '3', seed: 'true' } }],
  ['/centers symbol:samsung electronics k:4', { values: { symbol: 'samsung electronics', k: '4' }, focused: 'k' }],
  ['/centers k:4 symbol:', { values: { symbol: '', k: '4' }, focused: 'symbol' }],
  ['/settings ', { kind: 'subcommand', command: 'settings' }],
  ['/settings quiet 8', { kind: 'filling', values: { hours: '8' } }],
  ['/nothing here', { kind: 'naming' }],
] as const)('%s', ([text, expected]) => {
  expect(read(text)).toMatchObject(expected)
})

test('Korean names of commands and options are understood', () => {
  expect(read('/중심 038530', 'ko')).toMatchObject({
    kind: 'filling',
    command: 'centers',
    values: { symbol: '038530' },
  })
  expect(read('/watch 종목:코아시아', 'ko')).toMatchObject({ values: { symbol: '코아시아' } })
})

test('texts become what the bot expects, or are refused', () => {
  const send = (option: object, text: string, picked = new Map<string, unknown>()) =>
    sentValue(option, text, picked, 'en-US')
  expect(send({ name: 'k', type: 4 }, '3')).toBe(3)
  expect(send({ name: 'k', type: 4 }, '3.5')).toBeUndefined()
  expect(send({ name: 'k', type: 10 }, '3.5')).toBe(3.5)
  expect(send({ name: 's', type: 5 }, 'True')).toBe(true)
  expect(send({ name: 's', type: 5 }, 'maybe')).toBeUndefined()
  expect(send({ name: 'c', type: 3, choices: [{ name: 'Small', value: 's' }] }, 'Small')).toBe('s')
  expect(send({ name: 'c', type: 3, choices: [{ name: 'Small', value: 's' }] }, 'Huge')).toBeUndefined()
  expect(
    send({ name: 'symbol', type: 3 }, '코아시아 (038530)', new Map([['symbol 코아시아 (038530)', '038530']])),
  ).toBe('038530')
})
