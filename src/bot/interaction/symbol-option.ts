import type { AutocompleteInteraction, ChatInputCommandInteraction, SlashCommandStringOption } from 'discord.js'
import type { Listing } from '../../pipeline/store/records.ts'
import type { Read } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { UserError } from '../locale/user-error.ts'
import { clip } from '../render/limits.ts'
import { nameIn } from '../render/stock.ts'
import type { CommandContext } from './command.ts'
import { named } from './guild-command.ts'
import { marketChoices } from './market-option.ts'

const OPTION = 'symbol'
/** Discord's limits of an autocomplete answer: its choices, and the length of one. */
const CHOICES = 25
const CHOICE_NAME = 100
const SHOWN_SUGGESTIONS = 3
const SHOWN_INPUT = 40

/** The option of every command about one stock. */
export const symbolOption = (option: SlashCommandStringOption) =>
  named(option, OPTION).setRequired(true).setMaxLength(60).setAutocomplete(true)

export const typedSymbol = (interaction: ChatInputCommandInteraction<'cached'>): string =>
  interaction.options.getString(OPTION, true)

/**
 * The stock that the person means.
 *
 * @throws {UserError} with suggestions if no stock has that code or name
 */
export const chosenStock = async (
  interaction: ChatInputCommandInteraction<'cached'>,
  read: Pick<Read, 'resolve'>,
): Promise<Listing> => {
  const text = typedSymbol(interaction)
  const resolved = await read.resolve(text)
  if (resolved.kind === 'found') return resolved.listing
  throw new UserError((texts) => {
    const shown = clip(text.trim(), SHOWN_INPUT)
    const problem = resolved.kind === 'malformed' ? texts.errors.malformed(shown) : texts.errors.unknown(shown)
    const list = resolved.suggestions
      .slice(0, SHOWN_SUGGESTIONS)
      .map((listing) => `\`${listing.symbol}\` ${nameIn(listing, texts.locale)}`)
    return `${problem} ${list.length === 0 ? texts.errors.howToName : texts.errors.suggestions(list.join(', '))}`
  })
}

/** Offers whole markets too, where they can be watched. */
export const completeSymbolOrMarket = async (
  interaction: AutocompleteInteraction<'cached'>,
  context: CommandContext,
): Promise<void> => {
  const typed = interaction.options.getFocused()
  await interaction.respond([...marketChoices(typed, context.texts), ...stockChoices(typed, context)].slice(0, CHOICES))
}

/** Offers stocks by code or name, from memory. */
export const completeSymbol = async (
  interaction: AutocompleteInteraction<'cached'>,
  context: CommandContext,
): Promise<void> => {
  await interaction.respond(stockChoices(interaction.options.getFocused(), context))
}

const stockChoices = (typed: string, { read, texts }: CommandContext) =>
  read
    .suggest(typed, CHOICES)
    .slice(0, CHOICES)
    .map((listing) => ({ name: clip(choiceName(listing, texts), CHOICE_NAME), value: listing.symbol }))

const choiceName = (listing: Listing, texts: Texts) => {
  const name = nameIn(listing, texts.locale)
  return name === listing.symbol ? name : `${listing.symbol} ${name}`
}
