import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Admin,
  Consumer,
  compatibilityPartitioner,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { freePort } from './free-port.ts'
import { javaPrograms, mavenJars, run } from './maven.ts'

/** The jars of a broker and of its tools. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>minutewatch.tests</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.4.0</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.4.0</version></dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.5</version>
      <scope>runtime</scope>
    </dependency>
  </dependencies>
</project>
`

const STARTED = 'Kafka Server started'

/** Grave things, and the line that tells of the start. */
const LOGGING = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1.} %m%n
rootLogger.level = error
rootLogger.appenderRef.console.ref = console
logger.s.name = kafka.server.KafkaRaftServer
logger.s.level = info
`

/** A throw-away Kafka broker on 127.0.0.1, without users unless asked for. */
export interface KafkaBroker {
  /** Its address, as in `KAFKA_BROKERS`. */
  readonly brokers: string
  createTopic(name: string, partitions: number): Promise<void>
  /** Publishes messages as another program does. */
  publish(topic: string, ...messages: readonly PublishedMessage[]): Promise<void>
  /** All messages of a topic, in order by partition. */
  messages(topic: string): Promise<TopicMessage[]>
  /** Stops the broker and keeps its data. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>
  /** Ends the broker and removes its folder. */
  remove(): Promise<void>
}

export interface PublishedMessage {
  readonly key?: string
  readonly value: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface TopicMessage {
  readonly partition: number
  readonly key: string
  readonly value: string
  readonly headers: ReadonlyMap<string, string>
}

export const kafkaJars = (): Promise<string> => mavenJars('kafka', POM)

interface Options {
  /** A user that must log in with SASL/PLAIN. */
  readonly user?: { readonly name: string; readonly password: string }
}

/** Starts one in about two seconds, with topics that nobody makes by writing to them. */
export const startKafka = async ({ user }: Options = {}): Promise<KafkaBroker> => {
  const jars = await kafkaJars()
  const folder = mkdtempSync(join(tmpdir(), 'kafka-'))
  const [port, controller] = [await freePort(), await freePort()]
  writeFileSync(join(folder, 'log4j2.properties'), LOGGING)
  writeFileSync(join(folder, 'server.properties'), settings(port, controller, user))
  const java = (main: string, ...args: string[]) => [
    ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...[`-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`, '-cp', `${jars}/*`, main, ...args],
  ]
  let child: ChildProcess | null = null
  process.once('exit', () => child?.kill('SIGKILL'))

  const start = () =>
    new Promise<void>((resolve, reject) => {
      const broker = spawn(javaPrograms().java, java('kafka.Kafka', 'server.properties'), {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = broker
      let said = ''
      for (const stream of [broker.stdout, broker.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-8_000)
          if (said.includes(STARTED)) resolve()
        })
      broker.once('close', () => reject(new Error(`the Kafka broker ended: ${said}`)))
    })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const broker = child
    child = null
    if (!broker || broker.exitCode !== null || broker.signalCode !== null) return
    const ended = new Promise((resolve) => broker.once('exit', resolve))
    broker.kill(signal)
    await ended
  }
  const remove = async () => {
    await stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await formatted(join(folder, 'data'), folder, (args) =>
      run(javaPrograms().java, java('kafka.tools.StorageTool', ...args), folder),
    )
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  const brokers = `127.0.0.1:${port}`
  return { brokers, ...clientsOf(brokers, user), stop, start, remove }
}

/** What tests do as other programs: with Kafka's usual partitions, and without a group. */
const clientsOf = (
  brokers: string,
  user: Options['user'],
): Pick<KafkaBroker, 'createTopic' | 'publish' | 'messages'> => {
  const options = {
    clientId: 'tests',
    bootstrapBrokers: [brokers],
    ...(user ? { sasl: { mechanism: 'PLAIN' as const, username: 'broker', password: 'broker' } } : {}),
  }
  return {
    async createTopic(name, partitions) {
      const admin = new Admin(options)
      await admin.createTopics({ topics: [name], partitions, replicas: 1 })
      await admin.close()
    },
    async publish(topic, ...messages) {
      const producer = new Producer<string, string, string, string>({
        ...options,
        serializers: stringSerializers,
        partitioner: compatibilityPartitioner,
      })
      await producer.send({ messages: messages.map((message) => ({ topic, ...message })), acks: -1 })
      await producer.close()
    },
    async messages(topic) {
      const consumer = new Consumer<string, string, string, string>({
        ...options,
        groupId: `tests-${randomUUID()}`,
        deserializers: stringDeserializers,
      })
      const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic) ?? []
      const total = Number(ends.reduce((sum, end) => sum + end, 0n))
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false, maxWaitTime: 200 })
      const found: TopicMessage[] = []
      if (total > 0)
        for await (const { partition, key, value, headers } of stream) {
          found.push({ partition, key, value, headers })
          if (found.length >= total) break
        }
      await consumer.close(true)
      return found
    },
  }
}

/** A formatted folder starts wherever it is copied to; formatting takes as long as starting. */
const FORMATTED = join(tmpdir(), `kafka-formatted-${process.pid}`)

const formatted = async (data: string, folder: string, storageTool: (args: string[]) => Promise<string>) => {
  if (!existsSync(FORMATTED)) {
    await storageTool(['format', '-t', 'bWludXRld2F0Y2gtdGVzdA', '-c', join(folder, 'server.properties')])
    cpSync(data, FORMATTED, { recursive: true })
    process.once('exit', () => rmSync(FORMATTED, { recursive: true, force: true }))
  } else cpSync(FORMATTED, data, { recursive: true })
}

const settings = (port: number, controller: number, user: Options['user']): string => {
  const protocol = user ? 'SASL_PLAINTEXT' : 'PLAINTEXT'
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  const users = user
    ? `sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.client.plain.sasl.jaas.config=${login} username="broker" password="broker" user_broker="broker" user_${user.name}="${user.password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:broker;User:ANONYMOUS
`
    : ''
  return `process.roles=broker,controller
node.id=1
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=CLIENT://127.0.0.1:${port}
listener.security.protocol.map=CLIENT:${protocol},CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:${controller}
log.dirs=data
num.partitions=4
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=4194304
${users}`
}
