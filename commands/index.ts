import type { Command } from '../src/bot/interaction/command.ts'
import { centers } from './centers.ts'
import { chart } from './chart.ts'
import { help } from './help.ts'
import { history } from './history.ts'
import { language } from './language.ts'
import { sensitivity } from './sensitivity.ts'
import { unwatch } from './unwatch.ts'
import { watch } from './watch.ts'
import { watchlist } from './watchlist.ts'

/** Every command, in the order of the menu. */
export const commands: readonly Command[] = [
  watch,
  unwatch,
  watchlist,
  centers,
  history,
  chart,
  sensitivity,
  language,
  help,
]
