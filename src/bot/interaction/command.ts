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

/** What a command may use. */
export interface CommandContext {
  readonly read: Read
  readonly watching: Watching
  readonly charts: Charts
  readonly log: Log
  /** Texts in the language of this answer. */
  readonly texts: Texts
}

/** One slash command: what Discord shows, and what it does. It reads options, asks a port, renders. */
export interface Command {
  readonly data: RESTPostAPIChatInputApplicationCommandsJSONBody
  run(interaction: ChatInputCommandInteraction<'cached'>, context: CommandContext): Promise<void>
  /** Answers from memory within 3 s. */
  complete?(interaction: AutocompleteInteraction<'cached'>, context: CommandContext): Promise<void>
}
