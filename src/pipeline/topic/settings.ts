/** Where the topic of minutes lies, and how this process logs in there. */
export interface TopicSettings {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[]
  readonly topic: string
  readonly tls: boolean
  /** Null without a login. */
  readonly login: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
    readonly username: string
    readonly password: string
  } | null
}
