import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createIntake } from '../../../src/pipeline/topic/intake.ts'

const message = (partition: number, offset: number) => ({ partition, offset: BigInt(offset) })

test('a partition that stays keeps what waits; of one that goes nothing is kept, nor taken later', () => {
  const intake = createIntake()
  intake.assign([0, 1])
  for (const [partition, offset] of [
    [0, 5],
    [1, 9],
    [0, 6],
  ] as const)
    expect(intake.add(message(partition, offset))).toBe(true)
  intake.assign([0, 2])
  intake.add(message(1, 10))
  expect(intake.take(10)).toEqual([message(0, 5), message(0, 6)])
})

test('what comes again is left out, and what was passed over is noticed', () => {
  const intake = createIntake()
  intake.assign([0])
  expect(intake.add(message(0, 5))).toBe(true)
  expect(intake.add(message(0, 4))).toBe(true)
  expect(intake.add(message(0, 5))).toBe(true)
  expect(intake.add(message(0, 7))).toBe(false)
  expect(intake.take(10)).toEqual([message(0, 5)])
})

test('messages that were not handled come first again, those of assigned partitions', () => {
  const intake = createIntake()
  intake.assign([0, 1])
  for (let offset = 0; offset < 3; offset++) for (const partition of [0, 1]) intake.add(message(partition, offset))
  const taken = intake.take(4)
  intake.assign([0])
  intake.giveBack(taken)
  expect(intake.take(10)).toEqual([message(0, 0), message(0, 1), message(0, 2)])
})

test('of a partition that stays each message is taken once, whatever comes again and is given back', () => {
  const steps = fc.array(
    fc.oneof(
      fc.nat({ max: 5 }).map((back) => ({ back })),
      fc.nat({ max: 4 }).map((give) => ({ give })),
    ),
  )
  fc.assert(
    fc.property(steps, (taken) => {
      const intake = createIntake()
      const done: bigint[] = []
      intake.assign([0])
      let end = 0
      for (const step of taken) {
        if ('back' in step)
          for (let offset = Math.max(0, end - step.back); offset <= end; offset++) intake.add(message(0, offset))
        if ('back' in step) end++
        const some = intake.take(3)
        intake.assign([0, 7])
        if ('give' in step) intake.giveBack(some)
        else done.push(...some.map(({ offset }) => offset))
      }
      done.push(...intake.take(1_000).map(({ offset }) => offset))
      expect(done).toEqual(Array.from({ length: end }, (_, offset) => BigInt(offset)))
    }),
  )
})
