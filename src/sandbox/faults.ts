import { GatewayCloseCodes } from 'discord-api-types/v10'

/** A failure of a REST request. `when` says if it happens before or after Discord has done the work. */
export type RestFault =
  | { readonly kind: 'status'; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'rate-limit'; readonly retryAfterMs: number; readonly global?: boolean; readonly header?: boolean }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** An HTML page with status 200, as a proxy in between would send it. */
  | { readonly kind: 'html' }

export interface FaultRule {
  readonly method?: string
  /** Part of the path below `/api/v10`, or a pattern that the path matches. */
  readonly path?: string | RegExp
  /** The number of matching requests that fail; 1 by default. */
  readonly times?: number
  readonly fault: RestFault
}

export interface FaultHandle {
  /** The number of requests that failed so far. */
  readonly hits: number
  remove(): void
}

interface Armed {
  readonly rule: FaultRule
  left: number
  hits: number
}

/** Faults that tests and demonstrations switch on. They affect the program's requests, never the visitor's. */
export class Faults {
  private rules: Armed[] = []
  /** Every answer to the program is 401, and its gateway connections end with code 4004. */
  tokenRevoked = false
  /** The program's connections, REST and gateway, are cut. */
  offline = false
  /** The answer to RESUME is "invalid session". */
  noResume = false
  /** Heartbeats are not acknowledged, so the connection looks open and is dead. */
  deaf = false
  /** The gateway says HELLO and READY but never sends the guilds. */
  noGuilds = false
  private readonly gateway: GatewayFaults

  constructor(gateway: GatewayFaults) {
    this.gateway = gateway
  }

  rest(rule: FaultRule): FaultHandle {
    const armed: Armed = { rule, left: rule.times ?? 1, hits: 0 }
    this.rules.push(armed)
    return {
      get hits() {
        return armed.hits
      },
      remove: () => {
        this.rules = this.rules.filter((one) => one !== armed)
      },
    }
  }

  /** Finds the first armed fault that matches a request and counts the request against it. */
  take(method: string, path: string): RestFault | null {
    for (const armed of this.rules) {
      const { rule } = armed
      if (armed.left <= 0) continue
      if (rule.method !== undefined && rule.method !== method) continue
      if (typeof rule.path === 'string' && !path.includes(rule.path)) continue
      if (rule.path instanceof RegExp && !rule.path.test(path)) continue
      armed.left -= 1
      armed.hits += 1
      return rule.fault
    }
    return null
  }

  revokeToken(): void {
    this.tokenRevoked = true
    this.gateway.close(GatewayCloseCodes.AuthenticationFailed)
  }

  goOffline(): void {
    this.offline = true
    this.gateway.cut()
  }

  /** Closes the program's gateway connections, or that of one shard, with this code. */
  closeGateway(code: number, shard?: number): void {
    this.gateway.close(code, shard)
  }

  /** Ends the program's gateway sockets, or that of one shard, without a closing frame. */
  cutGateway(shard?: number): void {
    this.gateway.cut(shard)
  }

  /** Sends opcode 7, Reconnect. */
  askToReconnect(): void {
    this.gateway.reconnect()
  }

  /** Sends opcode 9, Invalid Session. */
  invalidateSession(resumable: boolean): void {
    this.gateway.invalidate(resumable)
  }

  clear(): void {
    this.rules = []
    this.tokenRevoked = this.offline = this.noResume = this.deaf = this.noGuilds = false
  }
}

export interface GatewayFaults {
  close(code: number, shard?: number): void
  cut(shard?: number): void
  reconnect(): void
  invalidate(resumable: boolean): void
}
