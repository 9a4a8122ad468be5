/**
 * With CI set, laws are tried on the same numbers every time, so that a red run means the commit and not its luck.
 * Elsewhere the numbers are new each time; fast-check prints them when one fails.
 */
if (process.env.CI) {
  const { default: fc } = await import('fast-check')
  fc.configureGlobal({ seed: 38530 })
}
