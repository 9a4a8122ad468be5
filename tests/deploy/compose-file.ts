import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** A service of a compose file, as far as the tests look at it. */
export interface Service {
  readonly image?: string
  readonly build?: unknown
  readonly extends?: unknown
  readonly restart?: string
  readonly command?: readonly string[]
  readonly user?: string
  readonly profiles?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly (string | { readonly source: string })[]
  readonly configs?: readonly (string | { readonly source: string })[]
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>
  readonly volumes?: readonly (string | { readonly type: string; readonly source?: string })[]
  readonly ports?: readonly (string | number | { readonly host_ip?: string })[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly deploy?: {
    readonly replicas?: number
    readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> }
  }
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, { readonly file?: string }>>
  readonly configs?: Readonly<Record<string, unknown>>
}

export const deployFolder = fileURLToPath(new URL('../../deploy/', import.meta.url))

export const textOf = (file: string): string => readFileSync(`${deployFolder}${file}`, 'utf8')

/** Several files as Compose joins them: a later one adds to lists and replaces single values. */
export const composeOf = (...texts: readonly string[]): ComposeFile =>
  texts.map((text) => parse(text, { merge: true })).reduce(joined)

// biome-ignore lint/suspicious/noExplicitAny: any YAML value
const joined = (first: any, second: any): any => {
  if (Array.isArray(first) && Array.isArray(second)) return [...new Set([...first, ...second])]
  if (!isMap(first) || !isMap(second)) return second
  const both = Object.keys(second).map((key) => [key, key in first ? joined(first[key], second[key]) : second[key]])
  return { ...first, ...Object.fromEntries(both) }
}

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)
