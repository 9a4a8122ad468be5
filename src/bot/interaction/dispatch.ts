import { randomBytes } from 'node:crypto'
import {
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
  type Client,
  Events,
  type Interaction,
  MessageFlags,
} from 'discord.js'
import { endsWithin } from '../../async/time-limits.ts'
import { RetryableError, SetupError, UnknownSymbolError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Read, Watching } from '../../pipeline/views/views.ts'
import type { Charts } from '../charts/charts.ts'
import { isAlreadyAnswered, isTooLate, loggable } from '../discord/api-errors.ts'
import { localeOf, texts as tables } from '../locale/index.ts'
import type { Texts } from '../locale/texts.ts'
import { UserError } from '../locale/user-error.ts'
import { clip, LIMITS } from '../render/limits.ts'
import type { Command, CommandContext } from './command.ts'

const STOP_WAIT_MS = 1_500

export interface Dispatcher {
  /** Turns new commands away and waits for the running ones, at most `waitMs`. */
  close(waitMs?: number): Promise<void>
}

interface Dependencies {
  readonly client: Client
  readonly commands: readonly Command[]
  readonly read: Read
  readonly watching: Watching
  readonly charts: Charts
  readonly log: Log
}

/** Hands interactions to commands. This is the only place that catches their errors. */
export const createDispatcher = ({ client, commands, read, watching, charts, log }: Dependencies): Dispatcher => {
  const byName = new Map(commands.map((command) => [command.data.name, command]))
  const running = new Set<Promise<void>>()
  let stopping = false

  const contextFor = (interaction: Interaction): CommandContext => {
    const texts = tables[localeOf(interaction.locale, interaction.guildLocale)]
    return { read, watching, charts, log, texts }
  }

  const run = async (interaction: ChatInputCommandInteraction): Promise<void> => {
    const context = contextFor(interaction)
    try {
      if (stopping) throw new UserError(({ errors }) => errors.stopping)
      if (!interaction.inCachedGuild()) throw new UserError(({ errors }) => errors.guildOnly)
      const command = byName.get(interaction.commandName)
      if (!command) throw new Error(`no command ${interaction.commandName}`)
      await command.run(interaction, context)
    } catch (error) {
      if (isTooLate(error) || isAlreadyAnswered(error)) {
        log.warn({ command: interaction.commandName, problem: String(error) }, 'interaction answered too late or twice')
        return
      }
      await replyEphemeral(interaction, textFor(error, interaction, context.texts))
    }
  }

  const textFor = (error: unknown, interaction: ChatInputCommandInteraction, texts: Texts): string => {
    if (error instanceof UserError) return error.text(texts)
    if (stopping) return texts.errors.stopping
    if (error instanceof RetryableError) {
      log.warn({ command: interaction.commandName, problem: error.message }, 'data source does not answer')
      return texts.errors.retryable
    }
    if (error instanceof SetupError) {
      log.error(
        { command: interaction.commandName, problem: error.message },
        'the operator must act before this can be answered',
      )
      return texts.errors.setup
    }
    if (error instanceof UnknownSymbolError) return texts.errors.unlisted(error.symbol)
    const reference = randomBytes(4).toString('hex')
    log.error(
      { err: loggable(error), reference, command: interaction.commandName, guild: interaction.guildId },
      'command failed',
    )
    return texts.errors.failed(reference)
  }

  /** Answers so that only the person sees it. A public placeholder cannot become private, so it is deleted first. */
  const replyEphemeral = async (interaction: ChatInputCommandInteraction, text: string): Promise<void> => {
    const message = { content: clip(text, LIMITS.content), flags: MessageFlags.Ephemeral } as const
    try {
      if (!interaction.deferred && !interaction.replied) {
        await interaction.reply(message)
        return
      }
      await interaction.deleteReply().catch((error: unknown) => {
        log.warn({ err: loggable(error), command: interaction.commandName }, 'placeholder was not there to take away')
      })
      await interaction.followUp(message)
    } catch (error) {
      log.warn({ err: loggable(error), command: interaction.commandName }, 'person could not be told')
    }
  }

  const complete = async (interaction: AutocompleteInteraction): Promise<void> => {
    try {
      const command = byName.get(interaction.commandName)
      if (stopping || !interaction.inCachedGuild() || !command?.complete) return await interaction.respond([])
      await command.complete(interaction, contextFor(interaction))
    } catch (error) {
      log.warn({ err: loggable(error), command: interaction.commandName }, 'autocomplete failed')
      // If this fails too, the person who types sees no list and nothing worse.
      if (!interaction.responded) await interaction.respond([]).catch(() => {})
    }
  }

  const onInteraction = (interaction: Interaction): void => {
    const work = interaction.isChatInputCommand()
      ? run(interaction)
      : interaction.isAutocomplete()
        ? complete(interaction)
        : null
    if (work === null) return
    running.add(work)
    void work.finally(() => running.delete(work))
  }
  client.on(Events.InteractionCreate, onInteraction)

  return {
    async close(waitMs = STOP_WAIT_MS) {
      stopping = true
      await endsWithin(waitMs, Promise.allSettled(running))
      client.off(Events.InteractionCreate, onInteraction)
    },
  }
}
