/** Functions that a test calls in a process of their own. */
import { spawn } from 'node:child_process'

export const add = (a: number, b: number): number => a + b

export const fail = (reason: string): never => {
  throw new Error(reason)
}

/** Starts a process that outlives its starter, unless it is ended with it. */
export const start = (): { started: number } => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' })
  child.unref()
  return { started: child.pid ?? 0 }
}

export const hang = (): Promise<never> =>
  new Promise(() => {
    setInterval(() => {}, 1_000)
  })
