import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { migrations } from '../../../src/pipeline/store/migrations/index.ts'
import { engines, silent } from './engines.ts'
import { minutes } from './records.ts'

const start = (verb: 'open' | 'write', url: string) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('child.ts', import.meta.url)), verb, url])
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  return {
    child,
    lines: createInterface(child.stdout)[Symbol.asyncIterator](),
    ended: once(child, 'exit'),
    errors: () => errors,
  }
}

const kill = (child: ChildProcessWithoutNullStreams) => child.kill('SIGKILL')

for (const engine of engines)
  engine.describe(engine.name, () => {
    const address = engine.prepare()

    test('processes that start together run each migration once, and all of them work', async () => {
      const url = address('together')
      const children = Array.from({ length: 3 }, () => start('open', url))
      for (const { lines } of children) expect((await lines.next()).value).toBe('ready')
      for (const { child } of children) child.stdin.write('go\n')
      const ran: string[] = []
      for (const { lines, ended, errors } of children) {
        ran.push(...JSON.parse((await lines.next()).value ?? `"${errors()}"`))
        expect(await ended).toEqual([0, null])
      }
      expect(ran).toEqual(Object.keys(migrations))
      const store = await openStore(url, { log: silent })
      for (const { child } of children) expect(await store.keyValues.get(`process ${child.pid}`)).toBe('was here')
      await store.close()
    })

    test('a process killed while it writes leaves nothing half-written, and nothing that it had kept is lost', async () => {
      const url = address('killed')
      let kept = 0
      for (const batches of [1, 2, 5]) {
        const { child, lines, ended, errors } = start('write', url)
        for (let batch = 0; batch < batches; batch++) {
          const line = (await lines.next()).value
          expect(line, errors()).toBeDefined()
          kept = Number(line)
        }
        kill(child)
        expect(await ended).toEqual([null, 'SIGKILL'])

        const store = await openStore(url, { log: silent })
        const covered = await store.bars.coverage('venue', 'A')
        const bars = await store.bars.range('venue', 'A', minutes(0, 1_000_000))
        await store.close()
        expect(covered?.to).toBeGreaterThanOrEqual(kept * MINUTE)
        expect(covered).toEqual(minutes(0, bars.length))
        expect(bars.every(({ openTime }, minute) => openTime === minute * MINUTE)).toBe(true)
      }
    })
  })
