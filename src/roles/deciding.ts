import { createCoalesced } from '../async/coalesced.ts'
import { shardOf } from '../bot/discord/shards.ts'
import { createOwingPass, type StoredBoundary } from '../pipeline/episodes/owing-pass.ts'
import type { SharedView } from './shared-view.ts'
import type { Start } from './start.ts'

/** Time between two looks for signals that nobody has decided about. */
const DECIDE_EVERY_MS = 200

/** A bot's decisions about the channels of its shards. */
export interface Deciding {
  /** One sentence about why nothing can be decided, or null. */
  problem(): string | null
  stop(): void
}

interface Dependencies extends Pick<Start, 'config' | 'store' | 'log'> {
  readonly view: SharedView
  readonly boundaryOf: StoredBoundary
  /** Posts what is owed. */
  readonly deliver: () => Promise<void>
}

/** Looks for new signals several times a second, and has posted at once what they are worth. */
export const startDeciding = ({ config, store, log, view, boundaryOf, deliver }: Dependencies): Deciding => {
  const { source, days } = view
  const { SHARD_COUNT: count } = config
  const passes = config.SHARDS.map((shard) =>
    createOwingPass({
      ...{ source, calendar: days.calendar, store, boundaryOf, now: Date.now },
      owner: `${count}:${shard}`,
      owns: (guildId) => shardOf(guildId, count) === shard,
    }),
  )
  const decide = createCoalesced(async () => {
    let owed = false
    for (const pass of passes) owed = (await pass()) || owed
    if (owed) await deliver()
  })
  let problem: string | null = null
  const look = async (): Promise<void> => {
    try {
      await decide()
      problem = null
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (problem !== message) log.error({ err: error }, 'signals wait for a decision')
      problem = message
    }
  }
  const timer = setInterval(() => void look(), DECIDE_EVERY_MS)
  return { problem: () => problem, stop: () => clearInterval(timer) }
}
