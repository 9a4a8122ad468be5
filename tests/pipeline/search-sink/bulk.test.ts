import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createBulk } from '../../../src/pipeline/search-sink/bulk.ts'
import { createDeadLetters } from '../../../src/pipeline/search-sink/dead-letters.ts'
import type { SearchDocument } from '../../../src/pipeline/search-sink/documents.ts'
import { TooMuchError } from '../../../src/pipeline/search-sink/errors.ts'

const documentOf = (id: string, text: string): SearchDocument => ({ index: 'i', id, source: JSON.stringify({ text }) })

test('a request that is too large is halved down to the one document that is, and that one is written down', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'refused.ndjson')
  const stored = new Set<string>()
  const node = {
    address: 'http://node',
    bulk: async (documents: readonly SearchDocument[]) => {
      if (documents.reduce((sum, { source }) => sum + source.length, 0) > 1_000)
        throw new TooMuchError('too large', { cause: null, tooLarge: true })
      for (const { id } of documents) stored.add(id)
      return documents.map(() => ({ status: 201 }))
    },
  }
  const bulk = createBulk(node, createDeadLetters(path, Date.now))
  const documents = Array.from({ length: 200 }, (_, at) => documentOf(String(at), 'x'.repeat(at === 77 ? 1_500 : 50)))
  await bulk.send(documents, new AbortController().signal)
  expect([stored.size, bulk.taken, bulk.refused]).toEqual([199, 199, 1])
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    id: '77',
    reason: expect.stringContaining('too large'),
  })
})
