import type { Faults } from './faults.ts'
import type { Hub } from './gateway/hub.ts'
import type { Interactions } from './interactions/interactions.ts'
import type { RateLimits } from './limits/rates.ts'
import type { Posting } from './posting.ts'
import type { Snowflakes } from './snowflake.ts'
import type { SandboxLog } from './types.ts'
import type { World } from './world.ts'

/** The parts of the stand, as its routes and connections see them. */
export interface Stand {
  readonly now: () => number
  readonly log: SandboxLog
  readonly token: string
  readonly snowflakes: Snowflakes
  readonly world: World
  readonly hub: Hub
  readonly faults: Faults
  readonly rates: RateLimits
  readonly posting: Posting
  readonly interactions: Interactions
  readonly requests: RequestRecord[]
  gatewayUrl(): string
  cdnUrl(): string
  /** Counts one IDENTIFY of the program against its thousand a day. */
  identified(): void
  sessionStarts(): { total: number; remaining: number; reset_after: number; max_concurrency: number }
}

/** One request of the program, for tests to look at. */
export interface RequestRecord {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly at: number
}
