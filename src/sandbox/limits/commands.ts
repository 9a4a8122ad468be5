import { ApplicationCommandOptionType, ApplicationCommandType, Locale } from 'discord-api-types/v10'
import { FormErrors, type Place } from '../api-error.ts'
import { Checks, isObject, type Json, lengthOf } from './check.ts'

/** The locales that Discord knows. */
export const LOCALES: ReadonlySet<string> = new Set(Object.values(Locale))
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u
const MAX_CHARACTERS = 8000

/** Checks a whole set of commands, as one PUT sends it. */
export const checkCommands = (list: unknown): Json[] => {
  const checks = new Checks(new FormErrors())
  const commands = checks.objects(list, [], 110)
  const seen = new Set<string>()
  commands.forEach((command, index) => {
    checkCommand(checks, command, [index])
    const key = `${command.type ?? ApplicationCommandType.ChatInput} ${command.name}`
    if (seen.has(key))
      checks.errors.add(
        [index, 'name'],
        'APPLICATION_COMMANDS_DUPLICATE_NAME',
        'Application command names must be unique',
      )
    seen.add(key)
  })
  const chat = commands.filter(
    (command) => (command.type ?? ApplicationCommandType.ChatInput) === ApplicationCommandType.ChatInput,
  )
  if (chat.length > 100)
    checks.errors.add([], 'APPLICATION_COMMAND_TOO_MANY', 'Maximum number of application commands reached (100)')
  checks.errors.throwIfAny()
  return commands
}

/** Checks a single command. */
export const checkOneCommand = (command: unknown): Json => {
  const checks = new Checks(new FormErrors())
  if (!isObject(command)) checks.errors.add([], 'DICT_TYPE_CONVERT', 'Only dictionaries may be used in a DictType')
  else checkCommand(checks, command, [])
  checks.errors.throwIfAny()
  return command as Json
}

const checkCommand = (checks: Checks, command: Json, at: Place): void => {
  const chat = (command.type ?? ApplicationCommandType.ChatInput) === ApplicationCommandType.ChatInput
  checkNames(checks, command, at, chat)
  if (chat) {
    checkDescriptions(checks, command, at)
    checkOptions(checks, command.options, [...at, 'options'])
    if (charactersOf(command) > MAX_CHARACTERS)
      checks.errors.add(at, 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${MAX_CHARACTERS})`)
  }
  const permissions = command.default_member_permissions
  if (permissions !== undefined && permissions !== null && !/^\d+$/.test(String(permissions)))
    checks.errors.add(
      [...at, 'default_member_permissions'],
      'BITFIELD_TYPE_CONVERT',
      'Could not interpret value as a bitfield.',
    )
}

const checkNames = (checks: Checks, thing: Json, at: Place, strict: boolean): void => {
  const name = checks.text(thing.name, [...at, 'name'], { min: 1, max: 32, required: true })
  const good = (text: string) => !strict || (NAME.test(text) && text === text.toLowerCase())
  if (name !== '' && lengthOf(name) <= 32 && !good(name))
    checks.errors.add([...at, 'name'], 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')
  for (const [locale, text] of localizations(checks, thing.name_localizations, [...at, 'name_localizations'])) {
    checks.text(text, [...at, 'name_localizations', locale], { min: 1, max: 32 })
    if (typeof text === 'string' && lengthOf(text) <= 32 && !good(text))
      checks.errors.add(
        [...at, 'name_localizations', locale],
        'APPLICATION_COMMAND_INVALID_NAME',
        'Command name is invalid',
      )
  }
}

const checkDescriptions = (checks: Checks, thing: Json, at: Place): void => {
  checks.text(thing.description, [...at, 'description'], { min: 1, max: 100, required: true })
  for (const [locale, text] of localizations(checks, thing.description_localizations, [
    ...at,
    'description_localizations',
  ]))
    checks.text(text, [...at, 'description_localizations', locale], { min: 1, max: 100 })
}

const localizations = (checks: Checks, value: unknown, at: Place): [string, unknown][] => {
  if (!isObject(value)) return []
  const entries = Object.entries(value)
  for (const [locale] of entries)
    if (!LOCALES.has(locale))
      checks.errors.add([...at, locale], 'DICT_TYPE_INVALID_KEY', `Locale "${locale}" is not supported`)
  return entries.filter(([, text]) => text !== null)
}

const checkOptions = (checks: Checks, value: unknown, at: Place): void => {
  const options = checks.objects(value, at, 25)
  const names = new Set<unknown>()
  let optionalSeen = false
  options.forEach((option, index) => {
    const here = [...at, index]
    checks.integer(option.type, [...here, 'type'], { min: 1, max: 11 })
    if (option.type === undefined) checks.errors.add([...here, 'type'], 'BASE_TYPE_REQUIRED', 'This field is required')
    checkNames(checks, option, here, true)
    checkDescriptions(checks, option, here)
    if (names.has(option.name))
      checks.errors.add([...here, 'name'], 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID', 'Option name must be unique')
    names.add(option.name)
    const nested =
      option.type === ApplicationCommandOptionType.Subcommand ||
      option.type === ApplicationCommandOptionType.SubcommandGroup
    if (nested) checkOptions(checks, option.options, [...here, 'options'])
    else if (option.required !== true) optionalSeen = true
    else if (optionalSeen)
      checks.errors.add(
        here,
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      )
    checkChoices(checks, option, here)
  })
}

const checkChoices = (checks: Checks, option: Json, at: Place): void => {
  const choices = checks.objects(option.choices, [...at, 'choices'], 25)
  const typed =
    option.type === ApplicationCommandOptionType.String ||
    option.type === ApplicationCommandOptionType.Integer ||
    option.type === ApplicationCommandOptionType.Number
  if (option.autocomplete === true && (choices.length > 0 || !typed))
    checks.errors.add(
      [...at, 'autocomplete'],
      'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
      'Autocomplete needs a string, integer or number option without choices',
    )
  choices.forEach((choice, index) => {
    checkChoice(checks, choice, [...at, 'choices', index], option.type !== ApplicationCommandOptionType.String)
  })
}

export const checkChoice = (checks: Checks, choice: Json, at: Place, numeric: boolean): void => {
  checks.text(choice.name, [...at, 'name'], { min: 1, max: 100, required: true })
  for (const [locale, text] of localizations(checks, choice.name_localizations, [...at, 'name_localizations']))
    checks.text(text, [...at, 'name_localizations', locale], { min: 1, max: 100 })
  if (!numeric) checks.text(choice.value, [...at, 'value'], { max: 100, required: true })
  else if (typeof choice.value !== 'number')
    checks.errors.add([...at, 'value'], 'NUMBER_TYPE_COERCE', `Value "${String(choice.value)}" is not a number.`)
}

/** Counts the characters of names, descriptions and values, of each with its longest translation. */
const charactersOf = (thing: Json): number => {
  const longest = (text: unknown, translations: unknown) =>
    Math.max(
      0,
      ...[text, ...Object.values(isObject(translations) ? translations : {})].map((one) =>
        typeof one === 'string' ? lengthOf(one) : 0,
      ),
    )
  const nested = [
    ...(Array.isArray(thing.options) ? thing.options : []),
    ...(Array.isArray(thing.choices) ? thing.choices : []),
  ].filter(isObject)
  return (
    longest(thing.name, thing.name_localizations) +
    longest(thing.description, thing.description_localizations) +
    longest(thing.value, null) +
    nested.reduce((sum, part) => sum + charactersOf(part), 0)
  )
}
