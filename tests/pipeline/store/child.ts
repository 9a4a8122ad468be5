/**
 * A program that the store's tests run in a process of its own: `child.ts open URL [nobody]` and `child.ts write URL`.
 */
import { once } from 'node:events'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { bar, minutes } from './records.ts'

const [verb, url, user] = process.argv.slice(2) as [string, string, string?]
if (user === 'nobody' && process.getuid?.() === 0) {
  // Only now, with the program loaded: nobody may not be let into the folder that it lies in.
  process.setgid?.(65_534)
  process.setuid?.(65_534)
}
const migrated: unknown[] = []
const log = {
  debug() {},
  info: (fields: object) => 'migration' in fields && migrated.push(fields.migration),
  warn() {},
  error() {},
} as never

/** Opens as soon as a line comes in, and prints the migrations that it ran. */
const open = async () => {
  console.log('ready')
  await once(process.stdin, 'data')
  const store = await openStore(url, { log })
  await store.keyValues.set(`process ${process.pid}`, 'was here')
  console.log(JSON.stringify(migrated))
  await store.close()
}

/** Appends batches for ever, and prints each minute up to which one was kept. */
const write = async () => {
  const store = await openStore(url, { log })
  const start = ((await store.bars.coverage('venue', 'A'))?.to ?? 0) / MINUTE
  for (let from = start; ; from += 700) {
    const bars = Array.from({ length: 700 }, (_, n) => bar('venue', 'A', from + n))
    await store.bars.save('venue', 'A', bars, minutes(from, from + 700))
    console.log(from + 700)
  }
}

try {
  await (verb === 'open' ? open() : write())
} catch (error) {
  console.error(String(error))
  process.exitCode = 1
}
process.stdin.destroy()
