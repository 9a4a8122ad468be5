import { setTimeout as wait } from 'node:timers/promises'
import { RetryableError } from '../../errors.ts'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'
import type { SearchDocument } from './documents.ts'
import { TooMuchError } from './errors.ts'
import type { BulkItem, SearchNode } from './node.ts'

/** Documents and bytes of one request. */
const MOST_DOCUMENTS = 2_500
const MOST_BYTES = 5_000_000
/** Such a node is asked for no less than this at a time. */
const LEAST_DOCUMENTS = 25
/** Requests in a row of which nothing was taken, before it counts as an outage; and the waits between them. */
const ATTEMPTS = 6
const FIRST_WAIT_MS = 250

/** Sends documents until each is taken, or refused for good and written down. */
export interface Bulk {
  /** @throws {RetryableError} if the node takes nothing more for now: all may be sent again */
  send(documents: readonly SearchDocument[], signal: AbortSignal): Promise<void>
  /** Number since the start. */
  readonly taken: number
  readonly refused: number
}

export const createBulk = (node: Pick<SearchNode, 'address' | 'bulk'>, deadLetters: DeadLetters): Bulk => {
  let taken = 0
  let refused = 0
  /** Shrinks while the node refuses whole requests, so that it is not asked again for what it cannot do. */
  let most = MOST_DOCUMENTS

  const bury = async (letters: readonly DeadLetter[]) => {
    if (letters.length === 0) return
    await deadLetters.append(letters)
    refused += letters.length
  }

  /** @returns the documents that are to be sent again, and why */
  const request = async (documents: readonly SearchDocument[], signal: AbortSignal): Promise<Left> => {
    let items: BulkItem[]
    try {
      items = await node.bulk(documents, signal)
    } catch (error) {
      if (!(error instanceof TooMuchError)) throw error
      if (!error.tooLarge || documents.length > 1) {
        most = Math.max(error.tooLarge ? 1 : LEAST_DOCUMENTS, Math.floor(documents.length / 2))
        return { documents, reason: error.message, tooLarge: error.tooLarge }
      }
      await bury([{ document: documents[0]!, reason: 'the request is too large for the node' }])
      return NOTHING
    }
    const failed = items.flatMap((item, at) => (item.status < 300 ? [] : [{ document: documents[at]!, ...item }]))
    const { dead = [], again = [] } = Object.groupBy(failed, (item) => (isRefusedForGood(item) ? 'dead' : 'again'))
    await bury(dead.map(({ document, error }) => ({ document, reason: `${error?.type}: ${error?.reason}` })))
    taken += documents.length - failed.length
    if (again.length === 0) {
      most = Math.min(MOST_DOCUMENTS, Math.ceil(most * 1.2))
      return NOTHING
    }
    // Waiting helps against load only: what else is wrong, somebody must mend.
    const worst = again.find((item) => !isLoad(item)) ?? again[0]!
    const reason = `ELASTICSEARCH_URL names ${node.address}, which does not take documents now: ${adviceOn(worst)}`
    if (!isLoad(worst)) throw new RetryableError(reason)
    return { documents: again.map(({ document }) => document), reason, tooLarge: false }
  }

  return {
    async send(documents, signal) {
      let queue = [...documents]
      let failures = 0
      while (queue.length > 0) {
        const chunk = withinBytes(queue.slice(0, most))
        const left = await request(chunk, signal)
        queue = [...left.documents, ...queue.slice(chunk.length)]
        failures = left.documents.length < chunk.length || left.tooLarge ? 0 : failures + 1
        if (failures === ATTEMPTS) throw new RetryableError(left.reason)
        if (left.documents.length > 0 && !left.tooLarge)
          await wait(FIRST_WAIT_MS * 2 ** failures, undefined, { signal })
      }
    },
    get taken() {
      return taken
    },
    get refused() {
      return refused
    },
  }
}

interface Left {
  readonly documents: readonly SearchDocument[]
  readonly reason: string
  readonly tooLarge: boolean
}
const NOTHING: Left = { documents: [], reason: '', tooLarge: false }

/**
 * True if the document itself is at fault. `validation_exception` is of the cluster, which may hold no further index;
 * everything but 400 can pass: a busy or stopping node, a read-only index on a full disk.
 */
const isRefusedForGood = ({ status, error }: BulkItem): boolean =>
  status === 400 && error?.type !== 'validation_exception'

/** A read-only index on a full disk is said with 429 too. */
const isLoad = ({ status, error }: BulkItem): boolean =>
  (status === 429 && error?.type !== 'cluster_block_exception') || status >= 500

const adviceOn = ({ status, error }: BulkItem): string => {
  const reason = `${error?.type}: ${error?.reason}`
  if (error?.type === 'validation_exception')
    return `it may hold no further index (${reason}): delete old ones, or raise cluster.max_shards_per_node.`
  if (error?.type === 'cluster_block_exception' && status < 500)
    return `its indices are read-only (${reason}): free space on its disks, or lift the block.`
  if (error?.type === 'index_not_found_exception')
    return `it makes no index by itself (${reason}): allow that in action.auto_create_index.`
  if (status === 403 || status === 401)
    return `the user of ELASTICSEARCH_USERNAME may not write there (${reason}): allow it.`
  return `${reason}; they are sent again.`
}

const withinBytes = (documents: readonly SearchDocument[]): readonly SearchDocument[] => {
  let bytes = 0
  const end = documents.findIndex(({ source }) => {
    bytes += source.length + 150
    return bytes > MOST_BYTES
  })
  return end === -1 ? documents : documents.slice(0, Math.max(1, end))
}
