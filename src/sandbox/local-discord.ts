import type { APIGatewaySessionStartLimit } from 'discord-api-types/v10'
import type { Faults } from './faults.ts'
import type { Hub } from './gateway/hub.ts'
import type { Interactions } from './interactions/interactions.ts'
import type { RateLimits } from './limits/rates.ts'
import type { Posting } from './posting.ts'
import type { Snowflakes } from './snowflake.ts'
import type { SandboxLog } from './types.ts'
import type { World } from './world.ts'

/** The parts of the local Discord, as its routes and connections use them. */
export interface LocalDiscord {
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
  countIdentify(): void
  sessionStarts(): APIGatewaySessionStartLimit
}

/** One request of the program. Tests read it. */
export interface RequestRecord {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly at: number
}
