import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'

/** The settings that are secret. Each can come from a file instead, which the setting `NAME_FILE` names. */
export const SECRETS = [
  'DISCORD_TOKEN',
  'DATABASE_URL',
  'KIWOOM_APP_KEY',
  'KIWOOM_SECRET_KEY',
  'BRIDGE_URL',
  'ELASTICSEARCH_PASSWORD',
  'KAFKA_SASL_PASSWORD',
] as const
type Secret = (typeof SECRETS)[number]

type Environment = Readonly<Record<string, string | undefined>>

/** The environment with the secrets of files in their settings. */
export interface ReadSecrets {
  readonly env: Environment
  /** One sentence for each problem that the operator must mend. None has any of a file's content. */
  readonly problems: readonly string[]
  /** The settings with a problem. Their values in `env` mean nothing. */
  readonly unusable: readonly Secret[]
}

/** Reads the file of each secret whose `NAME_FILE` is set. */
export const readSecrets = (env: Environment): ReadSecrets => {
  const read = SECRETS.flatMap((name) => {
    const path = env[`${name}_FILE`]?.trim()
    return path ? [{ name, ...secretOf(name, path, Boolean(env[name])) }] : []
  })
  return {
    env: { ...env, ...Object.fromEntries(read.map(({ name, value }) => [name, value])) },
    problems: read.flatMap(({ problem }) => problem ?? []),
    unusable: read.flatMap(({ name, problem }) => (problem === undefined ? [] : [name])),
  }
}

const secretOf = (name: Secret, path: string, isSet: boolean): { value?: string; problem?: string } => {
  const file = shown(path)
  const wrong = (what: string) => ({ problem: `${name}_FILE: ${what}` })
  if (isSet) return wrong(`names ${file}, and ${name} is set as well: keep one of the two`)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    return wrong(unreadable(file, error))
  }
  const value = textOf(bytes)
  if (value === null) return wrong(`${file} is not text in UTF-8: write the secret alone into it`)
  if (value.trim() === '') return wrong(`${file} is empty: write the secret into it`)
  if (/[\r\n]/.test(value)) return wrong(`${file} has more than one line: write the secret alone into it`)
  return { value }
}

const unreadable = (file: string, error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `${file} does not exist: name a file that holds the secret`
    case 'EISDIR':
      return `${file} is a folder: name a file that holds the secret`
    case 'EACCES':
    case 'EPERM':
      return `${file} cannot be read (${code}): let the user that minutewatch runs as read it`
    default:
      return `${file} cannot be read (${code})`
  }
}

/** Decodes UTF-8 and leaves out a byte order mark and the line break at the end; null if it is not UTF-8. */
const textOf = (bytes: Buffer): string | null => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
  } catch {
    return null
  }
}

/** The path if it is surely one: somebody may have written the secret itself where its file belongs. */
const shown = (path: string): string => {
  const folder = dirname(path)
  const isPath = isAbsolute(path) || path.startsWith('.') || (folder !== '.' && existsSync(folder)) || existsSync(path)
  return isPath ? path : 'what it names'
}
