import pTimeout from 'p-timeout'
import { RetryableError } from '../errors.ts'

/**
 * Resolves to true if the work ends within `ms`, else to false; rejects if the work does. It does not stop the work.
 */
export const endsWithin = (ms: number, work: Promise<unknown>): Promise<boolean> =>
  pTimeout(
    work.then(() => true),
    { milliseconds: ms, fallback: () => false },
  )

/**
 * Settles as the promise does, or rejects with the signal's reason once it is aborted. It does not stop the promise's
 * work.
 */
export const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  pTimeout(promise, { milliseconds: Number.POSITIVE_INFINITY, signal })

/** Runs work for a waiting person and aborts it after `ms`. @throws {RetryableError} if it had to be aborted */
export const withPatience = async <T>(
  ms: number,
  source: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const signal = AbortSignal.timeout(ms)
  try {
    return await work(signal)
  } catch (error) {
    if (error !== signal.reason) throw error
    throw new RetryableError(`${source} gave no answer within ${ms / 1_000} s`, { cause: error })
  }
}
