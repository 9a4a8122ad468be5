// Reads the text of the message field as a slash command. Pure: these functions know the commands but not the page.

/** Discord's numbers of the option types. */
export const OptionType = {
  Subcommand: 1,
  Group: 2,
  String: 3,
  Integer: 4,
  Boolean: 5,
  User: 6,
  Channel: 7,
  Number: 10,
}

const numeric = ({ type }) => type === OptionType.Integer || type === OptionType.Number
const closed = (option) => numeric(option) || option.type === OptionType.Boolean || (option.choices?.length ?? 0) > 0

/** The name in the reader's language, or else the plain one. */
export const labelOf = (thing, locale) => thing.name_localizations?.[locale] ?? thing.name_localized ?? thing.name
export const whatOf = (thing, locale) =>
  thing.description_localizations?.[locale] ?? thing.description_localized ?? thing.description

const named = (thing, text, locale) =>
  thing.name === text || labelOf(thing, locale).toLowerCase() === text.toLowerCase()

/**
 * `/name`, then subcommands, then values: `option:value`, or bare words that fill the options in their order.
 * Returns the command, its subcommand path, the options that apply, their values, and the option of the cursor's word.
 */
export const readLine = (text, commands, locale) => {
  const head = /^\/(\S*)(\s?)([\s\S]*)$/.exec(text)
  if (!head) return { kind: 'text' }
  const [, name, space, tail] = head
  const command = commands.find((one) => named(one, name, locale))
  if (space === '' || !command) return { kind: 'naming', typed: name, command: command ?? null, rest: tail }
  let options = command.options ?? []
  let rest = tail
  const path = []
  while (options.some(({ type }) => type <= OptionType.Group)) {
    const step = /^\s*(\S+)(\s+|$)/.exec(rest)
    const next =
      step && step[2] !== ''
        ? options.find((one) => named(one, step[1], locale))
        : (step && options.find((one) => named(one, step[1], locale))) || null
    if (!next) return { kind: 'subcommand', command, path, options, typed: rest.trim() }
    path.push(next)
    rest = rest.slice(step[0].length)
    options = next.options ?? []
  }
  return { kind: 'filling', command, path, options, ...fill(rest, options, locale) }
}

/** Splits at every `option:`, then gives bare words to the options that are still empty. */
const fill = (rest, options, locale) => {
  const values = new Map()
  const marks = []
  for (const match of rest.matchAll(/(^|\s)([^\s:]+):/gu)) {
    const option = options.find((one) => named(one, match[2], locale))
    if (option) marks.push({ option, start: match.index + match[1].length, value: match.index + match[0].length })
  }
  const bare = rest.slice(0, marks[0]?.start ?? rest.length)
  marks.forEach(({ option, value }, index) => {
    values.set(option, rest.slice(value, marks[index + 1]?.start ?? rest.length).trim())
  })
  const free = options.filter((option) => !values.has(option))
  let current = null
  for (const word of bare.split(/\s+/).filter(Boolean)) {
    const next = free[0]
    const goesOn = current && !closed(current) && (!next || (closed(next) && !fits(next, word)))
    if (goesOn) values.set(current, `${values.get(current)} ${word}`)
    else if (next) {
      current = free.shift()
      values.set(current, word)
    } else if (current) values.set(current, `${values.get(current)} ${word}`)
  }
  const last = marks.at(-1)
  const atSpace = rest === '' || /\s$/.test(rest)
  const focused = last ? (atSpace && values.get(last.option) !== '' ? null : last.option) : atSpace ? null : current
  return {
    values,
    focused,
    rest,
    start: last && focused === last.option ? last.start : bareStart(rest, focused, values),
  }
}

/** The index at which the text of the focused option begins; a suggestion replaces the text from there. */
const bareStart = (rest, focused, values) => {
  if (!focused) return rest.length
  const words = values.get(focused).split(/\s+/)
  const pattern = new RegExp(`${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+')}\\s*$`)
  return rest.search(pattern)
}

const fits = (option, word) => {
  if (option.choices?.length)
    return option.choices.some((choice) => choice.name === word || String(choice.value) === word)
  if (option.type === OptionType.Boolean) return /^(true|false|예|아니요)$/i.test(word)
  return !numeric(option) || Number.isFinite(Number(word))
}

/** The value to send for a text; undefined if it does not fit the option. `picked` has the values of suggestions. */
export const sentValue = (option, text, picked, locale) => {
  const remembered = picked.get(`${option.name} ${text}`)
  if (remembered !== undefined) return remembered
  if (option.choices?.length)
    return option.choices.find(
      (choice) => String(choice.value) === text || labelOf(choice, locale) === text || choice.name === text,
    )?.value
  if (numeric(option)) {
    const number = Number(text)
    return text !== '' && Number.isFinite(number) && (option.type === OptionType.Number || Number.isInteger(number))
      ? number
      : undefined
  }
  if (option.type === OptionType.Boolean)
    return /^(true|예|네|yes|1)$/i.test(text) ? true : /^(false|아니요|no|0)$/i.test(text) ? false : undefined
  if (option.type === OptionType.Channel || option.type === OptionType.User) return /\d{15,}/.exec(text)?.[0]
  return text
}

/** The nested options of an interaction. */
export const nest = (path, options) =>
  path.reduceRight((inner, step) => [{ type: step.type, name: step.name, options: inner }], options)
