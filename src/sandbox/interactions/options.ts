import { ApplicationCommandOptionType, ChannelType } from 'discord-api-types/v10'
import { FormErrors, type Place } from '../api-error.ts'
import { Checks, isObject, type Json, lengthOf } from '../limits/check.ts'
import type { World } from '../world.ts'

interface Definition {
  readonly name: string
  readonly type: number
  readonly required?: boolean
  readonly autocomplete?: boolean
  readonly options?: readonly Definition[]
  readonly choices?: readonly { readonly value: string | number }[]
  readonly min_value?: number
  readonly max_value?: number
  readonly min_length?: number
  readonly max_length?: number
}

/** Checks that the given options fit the command. While a person types (autocomplete), values may be unfinished. */
export const checkOptions = (definitions: readonly Definition[], given: unknown, typing: boolean): Json[] => {
  const checks = new Checks(new FormErrors())
  const options = walk(checks, definitions, given, ['data', 'options'], typing)
  checks.errors.throwIfAny()
  return options
}

const walk = (
  checks: Checks,
  definitions: readonly Definition[],
  given: unknown,
  at: Place,
  typing: boolean,
): Json[] => {
  const options = checks.objects(given, at, 25)
  options.forEach((option, index) => {
    const here = [...at, index]
    const definition = definitions.find((candidate) => candidate.name === option.name)
    if (!definition || definition.type !== option.type) {
      checks.errors.add(
        [...here, 'name'],
        'APPLICATION_COMMAND_OPTION_UNKNOWN',
        `The command has no such option: ${String(option.name)}`,
      )
    } else if (definition.type <= ApplicationCommandOptionType.SubcommandGroup)
      walk(checks, definition.options ?? [], option.options, [...here, 'options'], typing)
    else if (!typing) checkValue(checks, definition, option.value, [...here, 'value'])
  })
  const nested = definitions.some((definition) => definition.type <= ApplicationCommandOptionType.SubcommandGroup)
  for (const definition of definitions)
    if (!typing && definition.required && !options.some((option) => option.name === definition.name))
      checks.errors.add([...at, definition.name], 'BASE_TYPE_REQUIRED', 'This field is required')
  if (nested && options.length !== 1)
    checks.errors.add(at, 'BASE_TYPE_BAD_LENGTH', 'Exactly one subcommand must be chosen.')
  return options
}

const checkValue = (checks: Checks, definition: Definition, value: unknown, at: Place): void => {
  const { type } = definition
  const numeric = type === ApplicationCommandOptionType.Integer || type === ApplicationCommandOptionType.Number
  if (numeric) {
    if (
      typeof value !== 'number' ||
      !Number.isFinite(value) ||
      (type === ApplicationCommandOptionType.Integer && !Number.isInteger(value))
    )
      checks.errors.add(
        at,
        'NUMBER_TYPE_COERCE',
        `Value "${String(value)}" is not ${type === ApplicationCommandOptionType.Integer ? 'int' : 'a number'}.`,
      )
    else if (definition.min_value !== undefined && value < definition.min_value)
      checks.errors.add(at, 'NUMBER_TYPE_MIN', `Value should be greater than or equal to ${definition.min_value}.`)
    else if (definition.max_value !== undefined && value > definition.max_value)
      checks.errors.add(at, 'NUMBER_TYPE_MAX', `Value should be less than or equal to ${definition.max_value}.`)
  } else if (type === ApplicationCommandOptionType.Boolean) {
    if (typeof value !== 'boolean') checks.errors.add(at, 'BOOLEAN_TYPE_CONVERT', 'Must be either true or false.')
  } else if (typeof value !== 'string' || value === '')
    checks.errors.add(at, 'BASE_TYPE_REQUIRED', 'This field is required')
  else if (lengthOf(value) > (definition.max_length ?? 6000))
    checks.errors.add(at, 'BASE_TYPE_MAX_LENGTH', `Must be ${definition.max_length ?? 6000} or fewer in length.`)
  else if (lengthOf(value) < (definition.min_length ?? 0))
    checks.errors.add(at, 'BASE_TYPE_MIN_LENGTH', `Must be ${definition.min_length} or more in length.`)
  if (definition.choices?.length && !definition.choices.some((choice) => choice.value === value))
    checks.errors.add(at, 'APPLICATION_COMMAND_INVALID_CHOICE', 'Value must be one of the choices.')
}

/** The users and channels that options name, in the shape in which the program receives them. */
export const resolvedOf = (world: World, guildId: string, options: readonly Json[]): Json | undefined => {
  const guild = world.guilds.get(guildId)
  const resolved: { users: Json; members: Json; channels: Json; roles: Json } = {
    users: {},
    members: {},
    channels: {},
    roles: {},
  }
  for (const option of flatten(options)) {
    const id = String(option.value)
    const user = [world.cast.bot, world.cast.visitor].find((candidate) => candidate.id === id)
    const channel = guild?.channels.find((candidate) => candidate.id === id)
    if (option.type === ApplicationCommandOptionType.User && user) resolved.users[id] = user
    if (option.type === ApplicationCommandOptionType.Channel && guild && channel)
      resolved.channels[id] = {
        id,
        name: channel.name,
        type: ChannelType.GuildText,
        permissions: world.permissions('visitor', guild, channel).toString(),
      }
  }
  return Object.values(resolved).some((part) => Object.keys(part).length > 0) ? resolved : undefined
}

const flatten = (options: readonly Json[]): Json[] =>
  options.flatMap((option) => [
    option,
    ...(Array.isArray(option.options) ? flatten(option.options.filter(isObject)) : []),
  ])
