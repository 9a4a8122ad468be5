import { DiscordAPIError, HTTPError } from 'discord.js'
import { expect, test } from 'vitest'
import { loggable, outcomeOf } from '../../../src/bot/discord/api-errors.ts'

const apiError = (code: number, status: number) =>
  new DiscordAPIError({ code, message: 'said' }, code, status, 'POST', 'https://localhost/webhooks/1/secret-token', {
    body: { content: 'whole payload' },
    files: [],
  })

test.for([
  [10003, 404, 'channel gone'],
  [10004, 404, 'guild gone'],
  [10008, 404, 'message gone'],
  [50001, 403, 'forbidden'],
  [50013, 403, 'forbidden'],
  [50083, 400, 'forbidden'],
  [160_005, 400, 'forbidden'],
  [160_002, 403, 'reply refused'],
  [40_333, 403, 'unknown'],
  [0, 403, 'unknown'],
  [50035, 400, 'rejected'],
  [30046, 429, 'rejected'],
  [40005, 413, 'rejected'],
  [0, 401, 'unauthorised'],
  [0, 429, 'unknown'],
] as const)('code %i with status %i means %s', ([code, status, expected]) => {
  expect(outcomeOf(apiError(code, status))).toBe(expected)
})

test('a server that fails, a socket that breaks and a call that takes too long leave the outcome unknown', () => {
  const broken = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
  const serverError = new HTTPError(502, 'Bad Gateway', 'POST', 'https://localhost', { body: {}, files: [] })
  for (const error of [broken, serverError, new DOMException('aborted', 'AbortError')])
    expect(outcomeOf(error)).toBe('unknown')
})

test('a client that has lost its token is unauthorised', () => {
  expect(outcomeOf(new Error('Expected token to be set for this request, but none was present'))).toBe('unauthorised')
})

test('a log line carries code, status and stack, and neither payload nor address', () => {
  const line = JSON.stringify(loggable(apiError(50035, 400)))
  expect(line).toContain('"code":50035')
  expect(line).toContain('"status":400')
  expect(line).not.toMatch(/whole payload|secret-token/)
  expect(loggable('text')).toEqual({ type: 'string', message: 'text' })
  expect(loggable(new Error('outer', { cause: new TypeError('inner') }))).toMatchObject({ cause: 'TypeError: inner' })
})
