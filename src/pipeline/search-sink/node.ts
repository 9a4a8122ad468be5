import { unlessAborted } from '../../async/time-limits.ts'
import type { SearchDocument } from './documents.ts'
import { explainSearch } from './errors.ts'
import { templates } from './templates.ts'

/** Longest wait for one answer. A node under load takes seconds for a bulk request. */
const ANSWER_MS = 30_000

export interface SearchSettings {
  readonly url: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly prefix: string
}

/** The node's verdict on one document of a bulk request. */
export interface BulkItem {
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}

/** An OpenSearch or Elasticsearch node. Every error says who must act, and holds no secret. */
export interface SearchNode {
  /** Scheme, host and port. */
  readonly address: string
  /** The product's name and version. */
  describe(): Promise<string>
  putTemplates(signal: AbortSignal): Promise<void>
  /** Names of our templates that the node lacks. */
  lackedTemplates(): Promise<string[]>
  /** One verdict a document, in their order. */
  bulk(documents: readonly SearchDocument[], signal: AbortSignal): Promise<BulkItem[]>
  close(): Promise<void>
}

/** Loads the client, which nobody needs who has no search node. It connects with the first request. */
export const openSearchNode = async ({ url, username, password, prefix }: SearchSettings): Promise<SearchNode> => {
  const { Client } = await import('@opensearch-project/opensearch')
  const { origin: address } = new URL(url)
  const client = new Client({
    node: url,
    maxRetries: 0, // the sink decides what is tried again, and when
    requestTimeout: ANSWER_MS,
    ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
  })
  const wanted = templates(prefix)
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw explainSearch(error, address)
    }
  }
  return {
    address,
    async describe() {
      const { body } = await explained(client.info())
      const { version } = body as { version: { number: string; distribution?: string } }
      return `${version.distribution === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${version.number}`
    },
    async putTemplates(signal) {
      for (const [name, body] of Object.entries(wanted))
        await explained(unlessAborted(client.indices.putIndexTemplate({ name, body: body as never }), signal))
    },
    async lackedTemplates() {
      const lacked: string[] = []
      for (const name of Object.keys(wanted)) {
        const { body } = await explained(client.indices.existsIndexTemplate({ name }))
        if (!body) lacked.push(name)
      }
      return lacked
    },
    async bulk(documents, signal) {
      const body = documents.flatMap(({ index, id, source }) => [
        JSON.stringify({ index: { _index: index, _id: id } }),
        source,
      ])
      const request = client.bulk({ body: body as never, filter_path: ['items.*.status', 'items.*.error'] })
      const { body: answer } = await explained(unlessAborted(request, signal))
      const items = (answer as unknown as { items?: Record<string, BulkItem>[] }).items ?? []
      if (items.length !== documents.length)
        throw new Error(`${address} answered ${items.length} verdicts on ${documents.length} documents`)
      return items.map((item) => Object.values(item)[0]!)
    },
    close: () => client.close(),
  }
}
