import { kafkaJars } from './kafka.ts'
import { openSearchJars } from './opensearch.ts'
import { sparkJars } from './spark.ts'
import { has, inCi, provide, sentence, thisMachine, WITHOUT_JARS } from './system.ts'

/** Runs once before all tests; what it returns runs after them. */
export default async (): Promise<() => void> => {
  const missing = provide(thisMachine())
  const lines = missing.length > 0 ? [`${sentence(missing)} What needs it was skipped.`] : []
  const noJars = has('java') ? await fetchJars() : null
  if (noJars !== null) {
    process.env[WITHOUT_JARS] = 'yes' // the test processes inherit it
    lines.push(`Maven could not get the jars of OpenSearch, Spark and Kafka, what needs them was skipped: ${noJars}`)
  }
  const remind = () => {
    for (const line of lines) console.error(`\n${line}\n`)
  }
  remind()
  return remind
}

/** Downloads what Maven has not got yet. @returns why it could not, in one line. @throws {Error} with CI=true */
const fetchJars = async (): Promise<string | null> => {
  try {
    await openSearchJars()
    await sparkJars()
    await kafkaJars()
    return null
  } catch (error) {
    if (inCi()) throw error
    return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
  }
}
