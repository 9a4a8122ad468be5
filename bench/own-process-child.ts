/** Calls the function that its parent names, answers with what it returns, and ends. */
interface Call {
  readonly file: string
  readonly name: string
  readonly args: readonly unknown[]
}

process.once('message', async ({ file, name, args }: Call) => {
  const answer = (message: object) => process.send?.(message, () => process.exit())
  try {
    const module = (await import(file)) as Record<string, (...all: readonly unknown[]) => unknown>
    answer({ result: await module[name]!(...args) })
  } catch (error) {
    answer({ problem: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})
process.once('disconnect', () => process.exit())
