import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cli, folder, jsonLines, lines, STACK_TRACE } from '../support/child.ts'

const horizon = (minutes: number, surges: readonly number[]) => ({
  minutes,
  rows: 1_000,
  inertia: 12.5,
  clusters: surges.map((surge) => ({ size: 250, center: { surge } })),
})
const CENTERS = {
  origin: 'Spark 4.2.0, 2800 stocks from 2023-01-02 to 2025-12-30',
  features: ['surge'],
  k: 4,
  horizons: [horizon(1, [5.5, 0.1, 2.5, 1.1]), horizon(15, [0.2, 1.2, 2.3, 4.4])],
}

const withFile = (content: unknown): string => {
  const cwd = folder()
  writeFileSync(join(cwd, 'centers.json'), typeof content === 'string' ? content : JSON.stringify(content))
  return cwd
}
const doctor = async (cwd: string) =>
  jsonLines((await cli(['doctor', '--json'], { cwd })).stdout).filter(({ check }) => check === 'centers')

describe('import-model', () => {
  test('keeps centers for the next session, doctor names them, and --remove undoes it', async () => {
    const cwd = withFile(CENTERS)
    expect(await doctor(cwd)).toEqual([])
    const imported = await cli(['import-model', 'centers.json'], { cwd })
    expect(imported).toMatchObject({ code: 0, stderr: '' })
    expect(lines(imported.stdout)).toEqual([
      expect.stringMatching(
        /^simulated: the centers of Spark 4\.2\.0, 2800 stocks from 2023-01-02 to 2025-12-30 judge from the session of 20\d\d-\d\d-\d\d 09:00 on, until others are imported or import-model --remove$/,
      ),
      '   1 min  surge 0.1  1.1  2.5  5.5  abnormal from 4',
      '  15 min  surge 0.2  1.2  2.3  4.4  abnormal from 3.35',
    ])
    expect(await doctor(cwd)).toEqual([
      {
        check: 'centers',
        ok: true,
        message: expect.stringMatching(
          /^imported 20\d\d-\d\d-\d\d \d\d:\d\d from Spark 4\.2\.0, .+; they judge from the session of 20\d\d-\d\d-\d\d 09:00 on$/,
        ),
      },
    ])
    const removed = await cli(['import-model', '--remove'], { cwd })
    expect(removed.stdout).toMatch(/^simulated: from the session of .+ on each stock has centers of its own again\n$/)
    expect((await doctor(cwd))[0].message).toMatch(/^from the session of .+ on, each stock has centers of its own$/)
    expect(await cli(['import-model', '--remove'], { cwd })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'no centers are imported for simulated: there is nothing to remove\n',
    })
  })

  test('--json prints what is kept; a later file replaces an earlier one', async () => {
    const cwd = withFile(CENTERS)
    await cli(['import-model', 'centers.json'], { cwd })
    writeFileSync(join(cwd, 'centers.json'), JSON.stringify({ ...CENTERS, origin: 'another run' }))
    const { stdout } = await cli(['import-model', 'centers.json', '--json'], { cwd })
    expect(jsonLines(stdout)).toEqual([
      {
        series: 'simulated',
        version: 2,
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        cutoff: expect.any(Number),
        importedAt: expect.any(Number),
        origin: 'another run',
        surges: { 1: [0.1, 1.1, 2.5, 5.5], 15: [0.2, 1.2, 2.3, 4.4] },
      },
    ])
    expect((await doctor(cwd))[0].message).toContain('from another run;')
  })

  test('centers that lie too far out are said to be widened', async () => {
    const cwd = withFile({ ...CENTERS, horizons: [horizon(1, [1, 10, 90, 900]), CENTERS.horizons[1]] })
    const { code, stderr, stdout } = await cli(['import-model', 'centers.json'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(
      /^1 min: the furthest cluster begins at 495, beyond what this market reaches twice a session/,
    )
    expect(stdout).toMatch(/ 1 min .+ abnormal from 9\.596\n/)
  })

  const [minute, stretch] = CENTERS.horizons
  test.for<[string, unknown, RegExp]>([
    ['no JSON', 'surge,0.1', /^centers\.json is not JSON: expected a file of centers/],
    ['half a file', JSON.stringify(CENTERS).slice(0, 90), /is not JSON/],
    ['a list', [], /the file is not as expected/],
    ['no origin', { ...CENTERS, origin: ' ' }, /origin is not as expected/],
    [
      'an origin of two lines',
      { ...CENTERS, origin: 'a\nb' },
      /origin is not as expected \(expected one line of text\)/,
    ],
    [
      'other features',
      { ...CENTERS, features: ['move', 'multiple'] },
      /the features are move, multiple, expected surge alone/,
    ],
    ['another k', { ...CENTERS, k: 3 }, /k is 3, expected 4/],
    ['a horizon too few', { ...CENTERS, horizons: [minute] }, /the horizons are 1 minutes, expected 1 and 15/],
    [
      'another horizon',
      { ...CENTERS, horizons: [minute, horizon(5, [1, 2, 3, 4])] },
      /the horizons are 1 and 5 minutes/,
    ],
    ['a horizon twice', { ...CENTERS, horizons: [minute, minute, stretch] }, /the horizons are 1 and 1 and 15 minutes/],
    [
      'a center too few',
      { ...CENTERS, horizons: [minute, horizon(15, [1, 2, 3])] },
      /15 min has 3 clusters, expected 4/,
    ],
    [
      'the same center twice',
      { ...CENTERS, horizons: [horizon(1, [1, 1, 2, 3]), stretch] },
      /two centers of 1 min are the same/,
    ],
    [
      'a center below zero',
      { ...CENTERS, horizons: [horizon(1, [-1, 1, 2, 3]), stretch] },
      /a center of 1 min is -1, expected 0 or more/,
    ],
    [
      'a center without a number',
      JSON.stringify(CENTERS).replace('5.5', 'null'),
      /horizons\.0\.clusters\.0\.center\.surge is not as expected/,
    ],
    [
      'a center that is too large',
      JSON.stringify(CENTERS).replace('5.5', '1e999'),
      /horizons\.0\.clusters\.0\.center\.surge is not as expected/,
    ],
    [
      'a center of other features',
      JSON.stringify(CENTERS).replace('"surge":5.5', '"move":5.5,"multiple":1'),
      /a center of 1 min has move, multiple, expected surge/,
    ],
  ])('%s: one sentence, exit 1, and nothing is kept', async ([, content, sentence]) => {
    const cwd = withFile(content)
    const { code, stdout, stderr } = await cli(['import-model', 'centers.json'], { cwd })
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(STACK_TRACE)
    expect({ code, stdout, lines: lines(stderr).length }).toEqual({ code: 1, stdout: '', lines: 1 })
    expect(await doctor(cwd)).toEqual([])
  })

  test('a file that is not there is one sentence', async () => {
    const cwd = withFile(CENTERS)
    expect(await cli(['import-model', 'none.json'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'none.json cannot be read (ENOENT): name a file of centers\n',
    })
  })
})
