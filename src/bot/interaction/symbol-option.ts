import type { AutocompleteInteraction, ChatInputCommandInteraction, SlashCommandStringOption } from 'discord.js'
import type { Listing } from '../../pipeline/store/records.ts'
import type { Read } from '../../pipeline/views/views.ts'
import { en } from '../locale/en.ts'
import { ko } from '../locale/ko.ts'
import type { Texts } from '../locale/texts.ts'
import { UserError } from '../locale/user-error.ts'
import { clip } from '../render/limits.ts'
import { nameIn } from '../render/stock.ts'
import type { CommandContext } from './command.ts'

const OPTION = 'symbol'
const CHOICES = 25
const CHOICE_NAME = 100
const SHOWN_SUGGESTIONS = 3
const SHOWN_INPUT = 40

type CommandWithSymbol = 'watch' | 'unwatch' | 'centers' | 'history' | 'chart'

/** The option every command about one stock has. */
export const symbolOption = (command: CommandWithSymbol) => (option: SlashCommandStringOption) =>
  option
    .setName(OPTION)
    .setDescription(en.commands[command].symbol)
    .setDescriptionLocalizations({ ko: ko.commands[command].symbol })
    .setRequired(true)
    .setMaxLength(60)
    .setAutocomplete(true)

export const typedSymbol = (interaction: ChatInputCommandInteraction<'cached'>): string =>
  interaction.options.getString(OPTION, true)

/** The stock the person means. @throws {UserError} with suggestions when there is none of that code or name */
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

/** Offers stocks by code or name, from memory. */
export const completeSymbol = async (
  interaction: AutocompleteInteraction<'cached'>,
  { read, texts }: CommandContext,
): Promise<void> => {
  const found = read.suggest(interaction.options.getFocused(), CHOICES)
  await interaction.respond(
    found
      .slice(0, CHOICES)
      .map((listing) => ({ name: clip(choiceName(listing, texts), CHOICE_NAME), value: listing.symbol })),
  )
}

const choiceName = (listing: Listing, texts: Texts) => {
  const name = nameIn(listing, texts.locale)
  return name === listing.symbol ? name : `${listing.symbol} ${name}`
}
