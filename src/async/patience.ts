import { RetryableError } from '../errors.ts'

/** Work for a person who waits at most so long. @throws {RetryableError} when the signal had to end it */
export const withPatience = async <T>(
  ms: number,
  series: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const signal = AbortSignal.timeout(ms)
  try {
    return await work(signal)
  } catch (error) {
    if (error !== signal.reason) throw error
    throw new RetryableError(`${series} gave no answer within ${ms / 1_000} s`, { cause: error })
  }
}
