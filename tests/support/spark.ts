import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledJava, javaPrograms, logSettings, mavenJars, run } from './maven.ts'

/**
 * The jars of Spark. With the first three lines Maven takes the Scala that this Spark was built with, not an older one.
 */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>minutewatch.tests</groupId>
  <artifactId>spark</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <properties><scala>2.13.18</scala></properties>
  <dependencies>
    <dependency><groupId>org.scala-lang</groupId><artifactId>scala-library</artifactId><version>\${scala}</version></dependency>
    <dependency><groupId>org.scala-lang</groupId><artifactId>scala-reflect</artifactId><version>\${scala}</version></dependency>
    <dependency><groupId>org.scala-lang</groupId><artifactId>scala-compiler</artifactId><version>\${scala}</version></dependency>
    <dependency>
      <groupId>org.apache.spark</groupId><artifactId>spark-mllib_2.13</artifactId><version>4.2.0</version>
    </dependency>
  </dependencies>
</project>
`

/** Packages of Java that Spark's own start scripts open to it. */
const OPENS = [
  ...['java.lang', 'java.lang.invoke', 'java.lang.reflect', 'java.io', 'java.net', 'java.nio', 'java.util'],
  ...['java.util.concurrent', 'java.util.concurrent.atomic'],
  ...['sun.nio.ch', 'sun.nio.cs', 'sun.security.action', 'sun.util.calendar'],
].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`)

/** Two cores of this machine, without a page and without a name of its own in the network. */
const LOCAL = {
  'spark.master': 'local[2]',
  'spark.app.name': 'tests',
  'spark.ui.enabled': 'false',
  'spark.driver.host': '127.0.0.1',
  'spark.driver.bindAddress': '127.0.0.1',
  'spark.sql.shuffle.partitions': '2',
  'spark.sql.session.timeZone': 'UTC',
}

/** Runs `tests/support/java/SparkCheck.java`, and returns the JSON that it prints. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at what came field by field
export const sparkCheck = async (cwd: string, args: readonly string[]): Promise<any> => {
  const jars = await sparkJars()
  const main = await compiledJava(jars, fileURLToPath(new URL('java/SparkCheck.java', import.meta.url)))
  const said = await runJava(cwd, ['-cp', `${main}:${jars}/*`, 'SparkCheck', ...args])
  return JSON.parse(said)
}

/**
 * Runs lines of Scala as `spark-shell -i FILE` does: with a session named `spark`. Returns what they print.
 *
 * @param options - further options of Java, which override those of a test
 */
export const sparkShell = async (cwd: string, lines: string, options: readonly string[] = []): Promise<string> => {
  const jars = await sparkJars()
  const script = join(cwd, 'script.scala')
  const session = 'val spark = org.apache.spark.sql.SparkSession.builder().getOrCreate()\nimport spark.implicits._\n'
  writeFileSync(script, `${session}${lines}\nspark.stop()\n`)
  return runJava(cwd, [
    ...options,
    '-cp',
    `${jars}/*`,
    'scala.tools.nsc.MainGenericRunner',
    '-usejavacp',
    '-nc',
    script,
  ])
}

export const sparkJars = (): Promise<string> => mavenJars('spark', POM)

const runJava = (cwd: string, args: readonly string[]): Promise<string> => {
  const logging = logSettings(cwd, 'error')
  const settings = Object.entries(LOCAL).map(([name, value]) => `-D${name}=${value}`)
  const options = [
    '-Xmx1g',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    ...OPENS,
    `-Dlog4j2.configurationFile=${logging}`,
    ...settings,
  ]
  return run(javaPrograms().java, [...options, ...args], cwd)
}

/** The lines of the first block of that language in a page. */
export const linesOf = (page: URL, language: string): string => {
  const [, lines] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(readFileSync(page, 'utf8')) ?? []
  if (lines === undefined) throw new Error(`${page.pathname} has no lines of ${language}`)
  return lines
}
