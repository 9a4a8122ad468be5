import type { Config } from '../config.ts'
import type { TopicSettings } from '../pipeline/topic/settings.ts'

/** The topic that the settings name. */
export const topicOf = (config: Config): TopicSettings => {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config
  return {
    brokers: config.KAFKA_BROKERS ?? [],
    topic: config.KAFKA_TOPIC,
    tls: config.KAFKA_TLS,
    login: mechanism && username && password ? { mechanism, username, password } : null,
  }
}
