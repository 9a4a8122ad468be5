import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from 'discord.js'
import type { Log } from '../../log.ts'
import type { Read, Watching } from '../../pipeline/views/views.ts'
import type { Charts } from '../charts/charts.ts'
import type { Texts } from '../locale/texts.ts'

export type { Progress } from '../../pipeline/views/views.ts'

/** The parts that a command may use. */
export interface CommandContext {
  readonly read: Read
  readonly watching: Watching
  readonly charts: Charts
  readonly log: Log
  /** Texts in the language of the answer. */
  readonly texts: Texts
}

/**
 * One slash command: its entry in Discord's menu and its answer. It reads options, asks `read` or `watching`, and
 * renders.
 */
export interface Command {
  readonly data: RESTPostAPIChatInputApplicationCommandsJSONBody
  run(interaction: ChatInputCommandInteraction<'cached'>, context: CommandContext): Promise<void>
  /** Offers choices while the person types. It answers from memory, because Discord waits only 3 s. */
  complete?(interaction: AutocompleteInteraction<'cached'>, context: CommandContext): Promise<void>
}
