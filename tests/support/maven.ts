/**
 * Java programs for tests: their jars through Maven, and small mains of our own, compiled. Both are kept between runs.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { javaPrograms as findJavaPrograms, type JavaPrograms, sentence } from './system.ts'

const CACHE = process.env.MINUTEWATCH_TEST_CACHE ?? join(homedir(), '.cache', 'minutewatch-tests')

/** @throws {Error} that says how to get them, if one is missing */
export const javaPrograms = (): JavaPrograms => {
  const programs = findJavaPrograms()
  if (programs === null) throw new Error(sentence(['java']))
  return programs
}

/**
 * A folder with the jars of a pom's dependencies. The first call downloads them and says so.
 *
 * @param name - names the program in the folder's name and in that line, as in `opensearch`
 */
export const mavenJars = (name: string, pom: string): Promise<string> =>
  kept(`jars-${name}-${hash(pom)}`, async (folder) => {
    console.error(`Downloading the jars of ${name} with Maven for the tests; this takes seconds to minutes, once.`)
    const pomFile = join(folder, 'pom.xml')
    writeFileSync(pomFile, pom)
    await run(javaPrograms().mvn, [
      ...['-q', '-B', '-ntp', '-f', pomFile, 'dependency:copy-dependencies'],
      ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
    ])
  })

/** A jar of one compiled Java file. A jar and not a folder: Java's class archives refuse folders. */
export const compiledJava = async (jars: string, source: string): Promise<string> => {
  const name = basename(source, '.java')
  const folder = await kept(`classes-${name}-${hash(readFileSync(source, 'utf8') + basename(jars))}`, async (into) => {
    const { javac, jar } = javaPrograms()
    const classes = join(into, 'classes')
    await run(javac, ['-cp', `${jars}/*`, '-d', classes, source])
    await run(jar, ['cf', join(into, `${name}.jar`), '-C', classes, '.'])
  })
  return join(folder, `${name}.jar`)
}

/** The folder of that name in the cache. It is made whole or not at all, and by one process at a time. */
const kept = async (name: string, make: (folder: string) => Promise<void>): Promise<string> => {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  mkdirSync(CACHE, { recursive: true })
  const unlock = await lock(join(CACHE, 'lock'))
  const half = mkdtempSync(join(CACHE, 'half-'))
  try {
    if (existsSync(folder)) return folder
    await make(half)
    renameSync(half, folder)
    return folder
  } finally {
    rmSync(half, { recursive: true, force: true })
    unlock()
  }
}

/** Maven's own folder does not bear two downloads at once. A lock whose process is gone counts for nothing. */
const lock = async (file: string): Promise<() => void> => {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (!isAlive(file)) rmSync(file, { force: true })
    await wait(200)
  }
}

const isAlive = (file: string): boolean => {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    return pid === 0 || process.kill(pid, 0) // 0: its owner has not written its number yet
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Runs a program to its end, and returns what it wrote to its output.
 *
 * @throws {Error} with its last lines, if it ends with another code than 0
 */
export const run = (program: string, args: readonly string[], cwd?: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text
      })
    child.once('error', reject)
    child.once('close', (code) => {
      const lines = `${said.stdout}${said.stderr}`.trimEnd().split('\n')
      if (code === 0) resolve(said.stdout)
      else reject(new Error(`${program} ended with ${code}: ${lines.slice(-24).join('\n')}`))
    })
  })

/** Writes the settings of log4j into a folder, and returns the file's name: only what is that grave is logged. */
export const logSettings = (folder: string, level: 'warn' | 'error'): string => {
  const file = join(folder, 'log4j2.properties')
  writeFileSync(
    file,
    `status = error
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1.} %m%n
rootLogger.level = ${level}
rootLogger.appenderRef.console.ref = console
`,
  )
  return file
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
