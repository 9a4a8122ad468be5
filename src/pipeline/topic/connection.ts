import { RetryableError, SetupError } from '../../errors.ts'
import type { TopicSettings } from './settings.ts'

/** The client is loaded only where a role needs it. */
export const loadClient = () => import('@platformatic/kafka')

/** Options that all clients share: a few quick attempts, since whoever calls tries again by itself. */
export const connectionOptions = ({ brokers, tls, login }: TopicSettings) => ({
  clientId: 'minutewatch',
  bootstrapBrokers: [...brokers],
  connectTimeout: 5_000,
  timeout: 10_000,
  retries: 2,
  retryDelay: 200,
  ...(tls ? { tls: {}, tlsServerName: true } : {}),
  ...(login ? { sasl: login } : {}),
})

/** An error of the client, or of several of them together. */
interface ClientError extends Error {
  readonly code?: string
  readonly apiId?: string
  readonly errors?: readonly unknown[]
}

/** The error with its causes and parts, outermost first. */
const parts = (error: unknown): ClientError[] => {
  if (!(error instanceof Error)) return []
  const { errors = [], cause } = error as ClientError
  return [error as ClientError, ...errors.flatMap(parts), ...parts(cause)]
}

/** Turns what the client throws into an error that says who must act and what to do. */
export const topicError = (error: unknown, { brokers, topic, login }: TopicSettings): SetupError | RetryableError => {
  const all = parts(error)
  const options = { cause: error }
  const where = brokers.join(', ')
  const says = (pattern: RegExp) =>
    all.some(({ message, apiId = '', code = '' }) => pattern.test(`${message} ${apiId} ${code}`))
  if (says(/AUTHENTICATION|SASL/i))
    return new SetupError(
      `Kafka at ${where} refused the login: check ${login ? '' : 'KAFKA_SASL_MECHANISM, '}KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.`,
      options,
    )
  if (says(/AUTHORIZATION|not authorized/i))
    return new SetupError(
      `Kafka at ${where} does not let this user use topic ${topic}: allow it to read and write the topic (KAFKA_TOPIC) and to read group ${groupOf(topic)}.`,
      options,
    )
  if (says(/unknown topic|UNKNOWN_TOPIC/i))
    return new SetupError(
      `Kafka at ${where} has no topic ${topic}: create it, as docs/kafka.md says, or name another one in KAFKA_TOPIC.`,
      options,
    )
  const reason = all.at(-1)?.message.replace(/\.$/, '') ?? String(error)
  return new RetryableError(
    `Kafka at ${where} does not answer (${reason}): check KAFKA_BROKERS and the network`,
    options,
  )
}

/** The consumer group of the detectors of a topic. */
export const groupOf = (topic: string): string => `minutewatch-${topic}`

/** The hash of a key, of which its partition is the remainder: that of Java's clients, so Logstash's too. */
export const keyHash = async (): Promise<(key: Buffer) => number> => {
  const { compatibilityPartitioner } = await loadClient()
  return (key) => compatibilityPartitioner({ topic: '', key, value: key }, key)
}
