import { createSerial } from '../../async/serial.ts'
import { FencedError, RetryableError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Fences } from './fences.ts'
import type { PartitionWork, Received } from './subscription.ts'

/** The work of a detector, and what it has passed over. */
export interface TopicWork extends PartitionWork {
  /** Messages that could not be read, since the start. */
  passedOver(): number
  /** Frees the state of symbols that nobody watches any more. */
  forgetUnwatched(): Promise<void>
}

interface Dependencies<Item extends { readonly symbol: string }> {
  readonly fences: Fences
  readonly watched: () => Promise<readonly string[]>
  /** Reads a message. @returns what it holds, or a sentence that says why it is passed over */
  readonly read: (message: Received) => Item | string
  /** Judges what has come of one symbol, in order. A repeat changes nothing. */
  readonly judge: (symbol: string, items: readonly Item[]) => Promise<void>
  /** Judges what the store has of a symbol and nobody has judged. */
  readonly judgeStored: (symbol: string) => Promise<void>
  /** Drops the state in memory: it may be ahead of the store, or behind what another process has stored. */
  readonly forget: (symbol: string) => void
  readonly log: Log
}

/** The work on messages of whatever kind: by symbol, one work on a symbol after another, symbols beside each other. */
export const createPartitionWork = <Item extends { readonly symbol: string }>(
  dependencies: Dependencies<Item>,
): TopicWork => {
  const { fences, watched, read, judge, judgeStored, forget, log } = dependencies
  const serial = createSerial()
  let passed = 0
  const told = new Set<string>()

  const passOver = (sentence: string): void => {
    passed++
    const kind = sentence.replaceAll(/\d+/g, '')
    if (!told.has(kind)) log.warn({ problem: sentence }, 'a message in the topic was passed over')
    told.add(kind)
  }

  const workOn = (symbol: string, work: () => Promise<void>): Promise<void> =>
    serial(symbol, async () => {
      try {
        await work()
      } catch (error) {
        // The next work on the symbol builds its state anew.
        forget(symbol)
        if (error instanceof RetryableError || error instanceof FencedError) throw error
        log.error({ symbol, err: error }, 'a stock could not be judged; its next minute tries again from the store')
      }
    })

  return {
    async assigned(partitions, count) {
      const symbols = await watched()
      const goesOn = await fences.claim(partitions, count)
      for (const symbol of new Set([...fences.symbols(), ...symbols])) if (!goesOn(symbol)) forget(symbol)
      // What was judged last may lie before what is stored; a message that comes meanwhile waits for its symbol alone.
      for (const symbol of symbols)
        if (fences.holds(symbol) && !goesOn(symbol))
          workOn(symbol, () => judgeStored(symbol)).catch((error: unknown) => {
            // A partition that has gone on to another process is judged there.
            if (!(error instanceof FencedError)) log.warn({ symbol, err: error }, 'a stock waits to be judged')
          })
    },
    async handle(messages) {
      const bySymbol = new Map<string, Item[]>()
      for (const message of messages) {
        const item = read(message)
        if (typeof item === 'string') {
          passOver(item)
          continue
        }
        fences.cameIn(item.symbol, message.partition)
        const items = bySymbol.get(item.symbol)
        if (items) items.push(item)
        else bySymbol.set(item.symbol, [item])
      }
      const results = await Promise.allSettled(
        [...bySymbol].map(([symbol, items]) => workOn(symbol, () => judge(symbol, items))),
      )
      const failed = results.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    },
    passedOver: () => passed,
    async forgetUnwatched() {
      const symbols = new Set(await watched())
      for (const symbol of fences.symbols()) if (!symbols.has(symbol)) forget(symbol)
    },
  }
}
