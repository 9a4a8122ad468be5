/** What goes wrong with a request, and whether Discord had done the work by then. */
export type RestFault =
  | { readonly kind: 'status'; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'rate-limit'; readonly retryAfterMs: number; readonly global?: boolean; readonly header?: boolean }
  | { readonly kind: 'delay'; readonly ms: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' }
  /** A page of HTML with status 200, as a proxy in between would send it. */
  | { readonly kind: 'html' }

export interface FaultRule {
  readonly method?: string
  /** Part of the path below `/api/v10`, or a pattern for it. */
  readonly path?: string | RegExp
  /** How many matching requests it hits; 1 unless told. */
  readonly times?: number
  readonly fault: RestFault
}

export interface FaultHandle {
  /** Requests hit so far. */
  readonly hits: number
  remove(): void
}

interface Armed {
  readonly rule: FaultRule
  left: number
  hits: number
}

/** Faults that tests and demonstrations switch on. Only the program's requests are hit; the visitor's never. */
export class Faults {
  private rules: Armed[] = []
  /** Every answer to the program is 401, and its gateway connections end with 4004. */
  tokenRevoked = false
  /** Connections of the program are cut, REST and gateway alike. */
  offline = false
  /** RESUME is answered with "invalid session". */
  noResume = false
  /** Heartbeats are not acknowledged: a connection that looks open and is dead. */
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

  /** The first armed fault for a request, used up by one. */
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
    this.gateway.close(4004)
  }

  goOffline(): void {
    this.offline = true
    this.gateway.cut()
  }

  /** Ends the program's gateway connections with this code. */
  closeGateway(code: number): void {
    this.gateway.close(code)
  }

  /** Breaks the program's gateway sockets without a closing frame. */
  cutGateway(): void {
    this.gateway.cut()
  }

  /** Opcode 7. */
  askToReconnect(): void {
    this.gateway.reconnect()
  }

  /** Opcode 9. */
  invalidateSession(resumable: boolean): void {
    this.gateway.invalidate(resumable)
  }

  clear(): void {
    this.rules = []
    this.tokenRevoked = this.offline = this.noResume = this.deaf = this.noGuilds = false
  }
}

export interface GatewayFaults {
  close(code: number): void
  cut(): void
  reconnect(): void
  invalidate(resumable: boolean): void
}
