import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import dotenv from 'dotenv'
import { createTerminal, UsageError } from './cli/terminal.ts'
import { type Config, readConfig } from './config.ts'
import { errorText } from './error-text.ts'
import { createLog } from './log.ts'
import { HORIZONS } from './model/features/features.ts'

/** The operator's verbs, over the same parts as the bot. Exit code 1 means failed, 2 called wrongly. */

const positive = (text: string): number => {
  const number = Number(text)
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('expected a number above 0.')
  return number
}
const days = (text: string): number => {
  const wanted = whole(text)
  if (wanted < 1 || wanted > 5_000) throw new InvalidArgumentError('expected a whole number from 1 to 5000.')
  return wanted
}
const number = (text: string): number => {
  if (text.trim() === '' || Number.isNaN(Number(text))) throw new InvalidArgumentError('expected a number.')
  return Number(text)
}
const name = (text: string): string => {
  if (text.trim() === '' || text.length > 64) throw new InvalidArgumentError('expected a name of 1 to 64 characters.')
  return text
}
const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number, 0 or more.')
  return Number(text)
}
const horizons = (text: string): number[] => {
  const wanted = text.split(',').map(Number)
  const known = HORIZONS.filter((minutes) => wanted.includes(minutes))
  if (known.length !== new Set(wanted).size)
    throw new InvalidArgumentError(`expected one or more of ${HORIZONS.join(', ')}.`)
  return known
}
const k = new Option('--k <k>', 'number of clusters').choices(['2', '3', '4']).default('4')
const hours = new Option('--hours <hours>', 'when the market trades').choices(['krx', '24h']).default('krx')

const terminal = createTerminal(process.stdout, process.stderr)
const config = (): Config => readConfig(process.env)
const log = () => createLog(config().LOG_LEVEL)

const program = new Command('cli')
  .description('The operator’s verbs of minutewatch: npm run -s cli -- VERB …')
  .exitOverride()
  .showHelpAfterError('help: npm run -s cli -- --help, or VERB --help')
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })

program
  .command('doctor')
  .description('checks configuration, database, source, Discord, brokers and clock, and says what to do about each')
  .option('--json', 'one JSON line a check')
  .action(async (options) => {
    const { doctor } = await import('./cli/doctor.ts')
    return doctor({ env: process.env, json: Boolean(options.json) }, terminal)
  })

program
  .command('import')
  .argument('<file>', 'bars as .csv or .csv.gz: symbol,time,open,high,low,close,volume')
  .description('keeps bars from a file in the database')
  .option('--venue <venue>', 'series that the bars belong to', name, 'csv')
  .option('--symbol <symbol>', 'the stock of a file without a column of symbols; of another file, this stock alone')
  .option('--json', 'one JSON line a symbol')
  .action(async (file, options) => {
    const { importBars } = await import('./cli/import.ts')
    return importBars({ file, ...options }, config(), log(), terminal)
  })

program
  .command('export')
  .description('writes the stored bars, oldest first: in the form that import reads, or as columns for Spark')
  .option('--symbol <symbol>', 'stock code; all stocks of the series if left out')
  .option('--from <time>', 'first minute, ISO 8601')
  .option('--to <time>', 'end (exclusive), ISO 8601')
  .option('--venue <venue>', 'series, where a symbol is kept in several; without --symbol, instead of the source’s')
  .option('--out <file>', 'a file (.csv, .csv.gz, .parquet) instead of standard output')
  .addOption(new Option('--format <format>', 'form of the file').choices(['csv', 'parquet']).default('csv'))
  .option('--measurements', 'with --format parquet: the features that are clustered, a row a minute and horizon')
  .addOption(hours)
  .action(async (options) => {
    const { exportBars } = await import('./cli/export.ts')
    return exportBars(options, config(), log(), terminal)
  })

program
  .command('import-model')
  .argument('[file]', 'centers of the whole market as JSON (docs/spark.md)')
  .description('makes centers that were fitted elsewhere those of the market, from the next session on')
  .option('--remove', 'gives each stock centers of its own again, from the next session on')
  .option('--json', 'one JSON object')
  .action(async (file, options) => {
    const { importModel } = await import('./cli/import-model.ts')
    return importModel(file, options, config(), log(), terminal)
  })

program
  .command('backfill')
  .description('fetches history from the source; an interrupted run goes on where it stopped')
  .requiredOption('--symbol <symbol>', 'stock code')
  .requiredOption('--days <n>', 'sessions back from now, at most 5000', days)
  .option('--json', 'progress as JSON lines')
  .action(async (options) => {
    const { backfillSymbol } = await import('./cli/backfill.ts')
    return backfillSymbol(options, config(), log(), terminal)
  })

program
  .command('centers')
  .description('fits and prints cluster centers')
  .option('--bars <file>', 'bars as .csv or .csv.gz')
  .option('--table <table>', 'the old trainingset table in the database of BRIDGE_URL or DATABASE_URL')
  .option('--symbol <symbol>', 'stored bars of this symbol; with --bars or --table, that one of several')
  .option('--venue <venue>', 'series, where a symbol is kept in several')
  .addOption(k)
  .addOption(new Option('--features <features>', 'what is clustered').choices(['seed', 'model']))
  .option('--follow', 'with --table: go on and judge its new rows as they come, until stopped')
  .addOption(hours)
  .option('--seed <n>', 'seed of the restarts', whole, 1)
  .option('--json', 'one JSON object')
  .action(async (options) => {
    const { centers } = await import('./cli/centers.ts')
    return centers({ ...options, k: Number(options.k) }, config, log, terminal)
  })

program
  .command('backtest')
  .description('replays bars strictly causally: a line a signal, a summary last')
  .requiredOption('--bars <file>', 'bars as .csv or .csv.gz')
  .addOption(hours)
  .option('--warmup <minutes>', 'history a symbol must have before its first judgement', whole, 720)
  .addOption(new Option('--budget <per-day>', 'alerts a stock and day').argParser(positive).conflicts('threshold'))
  .addOption(new Option('--threshold <score>', 'score that a signal must reach').argParser(number))
  .addOption(k)
  .option('--seed <n>', 'seed of the restarts', whole, 1)
  .option('--horizons <minutes>', 'stretches to measure, in minutes: 1, 15, or 1,15 (default: all)', horizons)
  .option('--scores', 'a line for every judged bar')
  .option('--json', 'JSON lines')
  .action(async (options) => {
    const { backtest } = await import('./cli/backtest.ts')
    return backtest({ ...options, k: Number(options.k) }, config, terminal)
  })

/** Prints an error that the user can mend as one sentence; anything else is ours and is printed with its stack. */
const exitCode = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    terminal.problem(error.message)
    return 2
  }
  terminal.problem(errorText(error))
  return 1
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit() // `| head` has read enough
})
dotenv.config({ quiet: true })
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCode(error)
}
