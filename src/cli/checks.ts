import type { Terminal } from './terminal.ts'

export interface Finding {
  readonly check: string
  readonly ok: boolean
  /** The finding, and, if not ok, what to do. */
  readonly message: string
}

/** The checks of `doctor`: each gives a finding, and one that fails never hides the next. */
export interface Checks {
  tell(finding: Finding): void
  /** Prints the result of the work, or why it failed; a `message` of null prints nothing. Returns null if it failed. */
  attempt<T>(check: string, work: () => Promise<{ message: string | null; value: T }>): Promise<T | null>
}

export const createChecks = (json: boolean, terminal: Terminal): Checks => {
  const tell = (finding: Finding) => {
    if (json) terminal.json(finding)
    else terminal.line(`${finding.ok ? '✔' : '✘'} ${finding.check.padEnd(14)} ${finding.message}`)
    if (!finding.ok) terminal.failed()
  }
  return {
    tell,
    async attempt(check, work) {
      try {
        const { message, value } = await work()
        if (message !== null) tell({ check, ok: true, message })
        return value
      } catch (error) {
        tell({
          check,
          ok: false,
          message: error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : String(error),
        })
        return null
      }
    },
  }
}
