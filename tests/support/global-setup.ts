import { provide, sentence, thisMachine } from './system.ts'

/** Runs once before all tests; what it returns runs after them. */
export default (): (() => void) => {
  const missing = provide(thisMachine())
  const remind = () => {
    if (missing.length > 0) console.error(`\n${sentence(missing)} What needs it was skipped.\n`)
  }
  remind()
  return remind
}
