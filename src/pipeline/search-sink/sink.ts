import { RetryableError, SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Store, UnsentBatch } from '../store/contract.ts'
import { createBulk } from './bulk.ts'
import { createDeadLetters } from './dead-letters.ts'
import { barDocument, type SearchDocument, signalDocument } from './documents.ts'
import { openSearchNode, type SearchSettings } from './node.ts'

/** Bars of one batch: reading them holds up the process for some milliseconds. */
const BATCH = 5_000

export interface SearchStatus {
  /** Documents that the node took, and refused for good, since the start. */
  readonly sent: number
  readonly deadLetters: number
  /** Milliseconds since everything kept had been sent; 0 if it has. */
  readonly behindMs: number
  /** One sentence about why the node takes nothing, or null. */
  readonly problem: string | null
}

/** Sends what the store holds to a search node, and goes on from what the store knows to be unsent. */
export interface SearchSink {
  /** Sends all that is unsent. An outage is logged once when it begins and once when it ends, and never thrown. */
  pass(signal: AbortSignal): Promise<void>
  status(): SearchStatus
  close(): Promise<void>
}

interface Dependencies {
  readonly settings: SearchSettings
  readonly store: Pick<Store, 'unsent'>
  /** File for documents that the node refuses for good. */
  readonly deadLetterFile: string
  readonly log: Log
  readonly now: () => number
}

/** Opens the sink without asking the node, whose outage must not hold up the start. */
export const openSearchSink = async ({
  settings,
  store,
  deadLetterFile,
  log,
  now,
}: Dependencies): Promise<SearchSink> => {
  const node = await openSearchNode(settings)
  const deadLetters = createDeadLetters(deadLetterFile, now)
  const bulk = createBulk(node, deadLetters)
  await store.unsent.follow(`${node.address}/${settings.prefix}`)
  /** False after every failure: the node may be another one, or have lost its data. */
  let isPrepared = false
  let problem: string | null = null
  let behindSince: number | null = now()

  const outage = (message: string): void => {
    if (problem !== message)
      log.warn({ problem: message }, 'nothing is sent to the search node; documents wait in the database')
    problem = message
    isPrepared = false
  }
  const back = (): void => {
    if (problem !== null) log.warn({ node: node.address }, 'documents are sent to the search node again')
    problem = null
  }

  /** Signals come before bars, which may be years of them when the sink is new. */
  const nextBatch = async (): Promise<Batch | null> => {
    const signals = await store.unsent.signals(BATCH)
    if (signals) return batchOf(signals, (signal) => signalDocument(settings.prefix, signal))
    const bars = await store.unsent.bars(BATCH)
    return bars && batchOf(bars, (bar) => barDocument(settings.prefix, bar))
  }

  const sendAll = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      signal.throwIfAborted()
      const batch = await nextBatch()
      if (batch === null) break
      behindSince ??= now()
      if (!isPrepared) await node.putTemplates(signal)
      isPrepared = true
      await bulk.send(batch.documents, signal)
      await batch.sent()
      back()
    }
    behindSince = null
  }

  return {
    async pass(signal) {
      const refused = bulk.refused
      try {
        await sendAll(signal)
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof RetryableError || error instanceof SetupError)) throw error
        outage(error.message)
      } finally {
        const more = bulk.refused - refused
        if (more > 0)
          log.warn(
            { documents: more, file: deadLetters.path },
            'the search node refused documents; they are in the file',
          )
      }
    },
    status: () => ({
      sent: bulk.taken,
      deadLetters: bulk.refused,
      behindMs: behindSince === null ? 0 : now() - behindSince,
      problem,
    }),
    close: () => node.close(),
  }
}

interface Batch {
  readonly documents: readonly SearchDocument[]
  sent(): Promise<void>
}

const batchOf = <T>({ items, sent }: UnsentBatch<T>, document: (item: T) => SearchDocument): Batch => ({
  documents: items.map(document),
  sent,
})
