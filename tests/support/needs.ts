import { describe, test } from 'vitest'
import { has, inCi, type Part } from './system.ts'

/**
 * `describe` and `test` for what needs a part of the machine: skipped, and shown as skipped, where it is missing; run
 * all the same, and so failed, with CI=true. What is missing and how to get it is said once, at the end of the run.
 */
export const needs = (...parts: Part[]) => {
  const skip = !inCi() && !parts.every(has)
  return { describe: describe.skipIf(skip), test: test.skipIf(skip) }
}
