/**
 * The services kafka and kafka-topic of deploy/compose.yaml without Docker: their own commands, with scripts in place of
 * those in the image of Kafka.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { composeOf, type Service, textOf } from '../deploy/compose-file.ts'
import { freePort } from './free-port.ts'
import { kafkaJars } from './kafka.ts'
import { javaPrograms } from './maven.ts'

const PROGRAMS = {
  'kafka-storage.sh': 'kafka.tools.StorageTool',
  'kafka-server-start.sh': 'kafka.Kafka',
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
} as const

export interface KafkaService {
  /** Its address, as in `KAFKA_BROKERS`. */
  readonly brokers: string
  /** Runs the health check of the service kafka. */
  isWell(): boolean
  /** Runs the service kafka-topic to its end. */
  makeTopic(): { code: number | null; stdout: string }
  /** Ends the broker as Docker does. The next `start` finds its data. */
  stop(): Promise<void>
  start(): void
}

/** Starts the service kafka in a folder of its own, which is removed with the test. */
export const startKafkaService = async (): Promise<KafkaService> => {
  const { services } = composeOf(textOf('compose.yaml'))
  const folder = mkdtempSync(join(tmpdir(), 'minutewatch-kafka-'))
  const [port, controller] = [await freePort(), await freePort()]
  const jars = await kafkaJars()
  mkdirSync(join(folder, 'bin'))
  for (const [script, main] of Object.entries(PROGRAMS))
    writeFileSync(
      join(folder, 'bin', script),
      `#!/bin/sh\nexec ${javaPrograms().java} $KAFKA_HEAP_OPTS -cp '${jars}/*' ${main} "$@"\n`,
      { mode: 0o755 },
    )
  const here = (text: string) =>
    text
      .replaceAll('kafka:9092', `127.0.0.1:${port}`)
      .replaceAll('127.0.0.1/9092', `127.0.0.1/${port}`)
      .replaceAll('BROKER://:9092', `BROKER://127.0.0.1:${port}`)
      .replaceAll('127.0.0.1:9093', `127.0.0.1:${controller}`)
      .replaceAll('/etc/kafka/kafka.properties', join(folder, 'kafka.properties'))
      .replaceAll('/var/lib/kafka/data', join(folder, 'data'))
      .replaceAll('/opt/kafka/bin', join(folder, 'bin'))
  writeFileSync(join(folder, 'kafka.properties'), here(textOf('kafka.properties')))

  const commandOf = (service: Service | undefined, command = service?.command) => {
    const [program = '', ...args] = (command ?? []).map(here)
    const { KAFKA_HEAP_OPTS = '' } = service?.environment ?? {}
    return { program, args, options: { cwd: folder, env: { PATH: process.env.PATH, KAFKA_HEAP_OPTS } } }
  }
  const start = () => {
    const { program, args, options } = commandOf(services.kafka)
    const child = spawn(program, args, { ...options, stdio: 'ignore' })
    return { child, ended: new Promise((resolve) => child.once('close', resolve)) }
  }
  let broker = start()
  onTestFinished(async () => {
    broker.child.kill('SIGKILL')
    await broker.ended
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    brokers: `127.0.0.1:${port}`,
    isWell() {
      const { program, args, options } = commandOf(services.kafka, services.kafka?.healthcheck?.test.slice(1))
      return spawnSync(program, args, options).status === 0
    },
    makeTopic() {
      const { program, args, options } = commandOf(services['kafka-topic'])
      const { status, stdout } = spawnSync(program, args, { ...options, encoding: 'utf8' })
      return { code: status, stdout }
    },
    async stop() {
      broker.child.kill('SIGTERM')
      await broker.ended
    },
    start() {
      broker = start()
    },
  }
}
