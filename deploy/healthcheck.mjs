// Exits with 0 if the bot of this container says that it is well, else with 1 and one line about why.
const address = `http://127.0.0.1:${process.env.HTTP_PORT}/health`
try {
  const response = await fetch(address, { signal: AbortSignal.timeout(4_000) })
  const { problem } = await response.json()
  console.log(problem ?? 'ok')
  process.exitCode = response.ok ? 0 : 1
} catch {
  console.log(`no answer from ${address}`)
  process.exitCode = 1
}
