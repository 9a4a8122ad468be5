import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cli, folder, lines, STACK_TRACE } from '../support/child.ts'

const VERBS = ['doctor', 'import', 'import-model', 'export', 'backfill', 'centers', 'backtest']

describe('called wrongly: exit 2, one sentence and where help is, nothing on standard output, nothing made', () => {
  test.for([
    [['frobnicate'], /^unknown command 'frobnicate'/],
    [['doctor', 'again'], /^too many arguments/],
    [['doctor', '--loud'], /^unknown option '--loud'/],
    [['import'], /^missing required argument 'file'/],
    [['import', 'bars.csv', '--venue', ' '], /^option '--venue <venue>' argument ' ' is invalid/],
    [['import', 'bars.csv', '--symbol', '!!'], /^--symbol: expected a stock code such as 038530/],
    [['export', '--format', 'xml'], /^option '--format <format>' argument 'xml' is invalid.+csv, parquet/],
    [['export', '--format', 'parquet'], /^--format parquet needs --out FILE/],
    [['export', '--measurements'], /^--measurements goes with --format parquet/],
    [['import-model'], /^import-model needs a file of centers, or --remove/],
    [['import-model', 'centers.json', '--remove'], /^import-model needs a file of centers, or --remove/],
    [['export', '--symbol', '03 85-30!'], /^--symbol: expected a stock code/],
    [
      ['export', '--symbol', '038530', '--from', '2026-11-20T09:00'],
      /^--from: expected ISO 8601 with an offset, like .+ came "2026/,
    ],
    [['export', '--symbol', '038530', '--to', '11/20'], /^--to: expected ISO 8601 with an offset/],
    [
      ['export', '--symbol', '038530', '--from', '1795132800000', '--to', '1795132800000'],
      /^--from and --to: expected --from to be/,
    ],
    [['backfill', '--symbol', '038530'], /^required option '--days <n>'/],
    [['backfill', '--symbol', '038530', '--days', '0'], /^option '--days <n>' argument '0' is invalid.+from 1 to/],
    [['backfill', '--symbol', '038530', '--days', '1.5'], /^option '--days <n>' argument '1.5' is invalid/],
    [['backfill', '--symbol', '038530', '--days', '1e9'], /^option '--days <n>' argument '1e9' is invalid/],
    [['centers'], /^centers needs one of --bars FILE, --table TABLE or --symbol S/],
    [['centers', '--symbol', '038530', '--k', '5'], /^option '--k <k>' argument '5' is invalid.+2, 3, 4/],
    [['centers', '--symbol', '038530', '--features', 'all'], /^option '--features <features>'.+seed, model/],
    [['centers', '--bars', 'a.csv', '--table', 'trainingset'], /^--bars and --table: choose one/],
    [
      ['centers', '--table', 'trainingset', '--features', 'model'],
      /^--table: the old table holds the old features only/,
    ],
    [['backtest'], /^required option '--bars <file>'/],
    [
      ['backtest', '--bars', 'a.csv', '--budget', '1', '--threshold', '2'],
      /^option '--budget <per-day>' cannot be used with/,
    ],
    [['backtest', '--bars', 'a.csv', '--budget', '0'], /^option '--budget <per-day>' argument '0' is invalid/],
    [['backtest', '--bars', 'a.csv', '--threshold', ''], /^option '--threshold <score>' argument '' is invalid/],
    [
      ['backtest', '--bars', 'a.csv', '--threshold', 'high'],
      /^option '--threshold <score>' argument 'high' is invalid/,
    ],
    [['backtest', '--bars', 'a.csv', '--hours', 'nyse'], /^option '--hours <hours>'.+krx, 24h/],
    [['backtest', '--bars', 'a.csv', '--warmup', '-1'], /^option '--warmup <minutes>' argument '-1' is invalid/],
  ] as const)('%j', async ([args, sentence]) => {
    const cwd = folder()
    const { code, stdout, stderr } = await cli(args, { cwd })
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(STACK_TRACE)
    expect(lines(stderr).length).toBeLessThanOrEqual(2)
    expect({ code, stdout, made: readdirSync(cwd) }).toEqual({ code: 2, stdout: '', made: [] })
  })
})

test('no verb at all shows the help where problems go, and is wrong use', async () => {
  const { code, stdout, stderr } = await cli([], { cwd: folder() })
  for (const verb of VERBS) expect(stderr).toContain(`  ${verb}`)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test('--help is an answer: standard output, exit 0', async () => {
  const { code, stdout, stderr } = await cli(['--help'], { cwd: folder() })
  for (const verb of VERBS) expect(stdout).toContain(`  ${verb}`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test.for(VERBS)('%s --help shows its options', async (verb) => {
  const { code, stdout, stderr } = await cli([verb, '--help'], { cwd: folder() })
  expect(stdout).toMatch(new RegExp(`^Usage: cli ${verb}`))
  expect(stdout).toContain('Options:')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('wrong settings are told all at once, and no verb that needs them begins', async () => {
  const cwd = folder()
  const env = { LOG_LEVEL: 'loud', SANDBOX_PORT: '-1', SOURCE: 'csv' }
  const { code, stdout, stderr } = await cli(['export', '--symbol', '038530'], { cwd, env })
  expect(stderr).toMatch(/^settings to mend[\s\S]*SANDBOX_PORT[\s\S]*LOG_LEVEL[\s\S]*CSV_FILE/)
  expect(stderr).not.toMatch(STACK_TRACE)
  expect({ code, stdout, made: readdirSync(cwd) }).toEqual({ code: 1, stdout: '', made: [] })
})
