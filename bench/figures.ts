import { printTable, shown } from './table.ts'

/** Values of one thing, one a round or sample; or the reason, in one line, why there are none. */
export type Values = readonly number[] | { readonly missing: string }

/** A goal for the value that counts. */
export type Goal = { readonly below: number } | { readonly atLeast: number }

/** Others that did the same work in the same run. */
export interface Rival {
  readonly name: string
  readonly values: Values
}

/** One measured row, with what it stands beside. */
export interface Figure {
  /** The measured thing, in a few words. */
  readonly what: string
  /** `ms`, `s`, `MB`, or a rate such as `bars/s`. */
  readonly unit: string
  readonly values: Values
  /** The quantile of the values that counts; the median (0.5) when absent. */
  readonly quantile?: number
  readonly goal?: Goal
  /** Programs that a user would pick instead, and the least work that any program must do. */
  readonly beside?: readonly Rival[]
  /** One sentence that belongs to the row. */
  readonly note?: string
}

/** A quantile of at least one value: the smallest value that so large a part of them does not exceed. */
const quantileOf = (values: readonly number[], quantile: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantileOf(values, 0.5)

export const FIGURE_HEAD = ['', 'goal', 'value', 'spread', 'beside ours', ''] as const

/** The row of a figure, and below it a row for each rival. */
export const figureRows = ({ what, unit, values, quantile = 0.5, goal, beside = [], note }: Figure): string[][] => {
  const counted = quantile === 1 ? ', at most' : `, p${Math.round(100 * quantile)}`
  const name = quantile === 0.5 ? what : `${what}${counted}`
  const target = goal ? `${'below' in goal ? '<' : '≥'} ${rounded(bound(goal))} ${unit}` : ''
  if ('missing' in values) return [[name, target, '–', '', '', values.missing], ...rivalRows(beside, unit, null, 0.5)]
  const value = quantileOf(values, quantile)
  const verdict = goal ? (isMet(goal, value) ? 'met' : 'missed') : ''
  const remark = [verdict, note].filter(Boolean).join('; ')
  return [
    [name, target, `${rounded(value)} ${unit}`, spreadOf(values), '', remark],
    ...rivalRows(beside, unit, value, quantile),
  ]
}

const rivalRows = (rivals: readonly Rival[], unit: string, ours: number | null, quantile: number): string[][] =>
  rivals.map(({ name, values }) => {
    if ('missing' in values) return [`  ${name}`, '', '–', '', '', values.missing]
    const value = quantileOf(values, quantile)
    const times = ours === null ? '' : `${shown(value / ours, 2)} ×`
    return [`  ${name}`, '', `${rounded(value)} ${unit}`, spreadOf(values), times, '']
  })

const bound = (goal: Goal): number => ('below' in goal ? goal.below : goal.atLeast)
const isMet = (goal: Goal, value: number): boolean => ('below' in goal ? value < goal.below : value >= goal.atLeast)

const rounded = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0 })

const spreadOf = (values: readonly number[]): string =>
  values.length < 2 ? '' : `${rounded(Math.min(...values))}–${rounded(Math.max(...values))}`

/** Prints figures as plain text. */
export const printFigures = (figures: readonly Figure[], print: (line: string) => void = console.log): void =>
  printTable(print, FIGURE_HEAD, figures.flatMap(figureRows), [0, FIGURE_HEAD.length - 1])

/** The last line of an error's message that says something. */
export const reasonOf = (error: unknown): string => {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim())
  return lines.findLast((line) => /\p{L}{3}/u.test(line)) ?? 'no reason given'
}
