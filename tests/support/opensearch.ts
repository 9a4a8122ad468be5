import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { compiledJava, javaPrograms, logSettings, mavenJars } from './maven.ts'

/** The jars of a node. log4j-core is optional in OpenSearch's own pom, but its logging cannot be set up without it. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>minutewatch.tests</groupId>
  <artifactId>opensearch-node</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <properties><v>2.19.6</v></properties>
  <dependencies>
    <dependency><groupId>org.opensearch</groupId><artifactId>opensearch</artifactId><version>\${v}</version></dependency>
    <dependency>
      <groupId>org.opensearch.plugin</groupId><artifactId>transport-netty4-client</artifactId><version>\${v}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>2.25.4</version>
    </dependency>
  </dependencies>
</project>
`

/** A throw-away OpenSearch node on 127.0.0.1, without users. */
export interface SearchNode {
  readonly url: string
  /** Sends a request as it is; returns the answer's JSON. @throws {Error} if the status is not 2xx */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what came field by field
  ask(method: string, path: string, body?: unknown): Promise<any>
  /** The documents of an index pattern, all of them searchable first. */
  count(indices: string): Promise<number>
  /** Stops the node and keeps its data. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>
  /** Ends the node and removes its folder. */
  remove(): Promise<void>
}

export const openSearchJars = (): Promise<string> => mavenJars('opensearch', POM)

/** Starts one in about three seconds. `settings` are OpenSearch's own, as in `thread_pool.write.queue_size=1`. */
export const startOpenSearch = async (...settings: string[]): Promise<SearchNode> => {
  const jars = await openSearchJars()
  const main = await compiledJava(jars, fileURLToPath(new URL('java/SearchNode.java', import.meta.url)))
  const folder = mkdtempSync(join(tmpdir(), 'opensearch-'))
  const logging = logSettings(folder, 'warn')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  process.once('exit', () => child?.kill('SIGKILL'))

  const start = () =>
    new Promise<void>((resolve, reject) => {
      const node = spawn(
        javaPrograms().java,
        [
          ...['-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
          ...[`-Dlog4j2.configurationFile=${logging}`, '-Dlog4j2.disable.jmx=true', `-Djava.io.tmpdir=${folder}`],
          ...['-cp', `${main}:${jars}/*`, 'SearchNode', join(folder, 'home'), String(port), ...settings],
        ],
        { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
      )
      child = node
      let said = ''
      for (const stream of [node.stdout, node.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-8_000)
          if (said.includes('READY')) resolve()
        })
      node.once('close', () => reject(new Error(`the OpenSearch node ended: ${said}`)))
    })

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const node = child
    child = null
    if (!node || node.exitCode !== null || node.signalCode !== null) return
    const ended = new Promise((resolve) => node.once('exit', resolve))
    node.kill(signal)
    await ended
  }
  const remove = async () => {
    await stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  const ask: SearchNode['ask'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  try {
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  return {
    url,
    ask,
    async count(indices) {
      await ask('POST', `/${indices}/_refresh`)
      return (await ask('GET', `/${indices}/_count`)).count
    },
    stop,
    start,
    remove,
  }
}
