import { labelOf, nest, OptionType, readLine, sentValue, whatOf } from './command-line.js'
import { byId, el } from './dom.js'
import { language, t } from './language.js'
import { Suggestions } from './suggestions.js'
import { discordLocale } from './texts.js'

const WAIT_MS = 150
const MAX_SHOWN = 25

const form = byId('composer')
const input = byId('input')
const hint = byId('hint')
const error = byId('composer-error')

/**
 * The message field. `acts`: commands(), say(text), run(command, options, text),
 * complete(command, options) → choices or null.
 */
export class Composer {
  #acts
  #menu = new Suggestions((item) => this.#take(item))
  #picked = new Map()
  #asked = 0
  #timer = null
  #sent = []
  #recalled = 0

  constructor(acts) {
    this.#acts = acts
    input.addEventListener('input', () => this.#changed())
    input.addEventListener('keydown', (event) => this.#key(event))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
  }

  focus() {
    input.focus()
  }

  complain(text) {
    error.textContent = text
    error.hidden = text === ''
  }

  /** Draws again, for example after a change of the language or the commands. */
  refresh() {
    this.#changed()
  }

  get #locale() {
    return discordLocale[language()]
  }

  #line() {
    return readLine(input.value, this.#acts.commands(), this.#locale)
  }

  #changed() {
    this.complain('')
    clearTimeout(this.#timer)
    this.#asked += 1
    const line = this.#line()
    this.#drawHint(line)
    if (line.kind === 'naming') this.#menu.show(t().commands, this.#commandItems(line.typed), true)
    else if (line.kind === 'subcommand') this.#menu.show(t().commands, this.#subcommandItems(line), true)
    else if (line.kind === 'filling') this.#suggestValues(line)
    else this.#menu.hide()
  }

  #commandItems(typed) {
    const text = typed.toLowerCase()
    const rank = (label) => (label.toLowerCase().startsWith(text) ? 0 : label.toLowerCase().includes(text) ? 1 : 2)
    return this.#acts
      .commands()
      .map((command) => ({
        command,
        label: `/${labelOf(command, this.#locale)}`,
        score: Math.min(rank(command.name), rank(labelOf(command, this.#locale))),
      }))
      .filter(({ score }) => score < 2)
      .sort((a, b) => a.score - b.score || a.label.localeCompare(b.label))
      .slice(0, MAX_SHOWN)
      .map(({ command, label }) => ({
        label,
        parts: (command.options ?? []).map((option) => labelOf(option, this.#locale)).join('  '),
        what: whatOf(command, this.#locale),
        text: `/${labelOf(command, this.#locale)}${command.options?.length ? ' ' : ''}`,
        command,
      }))
  }

  #subcommandItems({ command, path, options, typed }) {
    const head = [command, ...path].map((step) => labelOf(step, this.#locale)).join(' ')
    return options
      .filter((option) => labelOf(option, this.#locale).startsWith(typed))
      .map((option) => ({
        label: labelOf(option, this.#locale),
        what: whatOf(option, this.#locale),
        text: `/${head} ${labelOf(option, this.#locale)} `,
      }))
  }

  #suggestValues(line) {
    const { focused } = line
    if (!focused) {
      const open = line.options.filter((option) => !line.values.has(option))
      const [next] = open
      // If one option is left and the bot can complete it, its choices are offered at once.
      if (open.length > 0 && next.autocomplete && line.values.size === 0) return this.#ask(line, next)
      if (open.length > 0 && next.required && next.choices?.length)
        return this.#menu.show(t().choices(labelOf(next, this.#locale)), this.#choiceItems(line, next, ''), false)
      return this.#menu.show(
        t().options,
        open.map((option) => this.#optionItem(option)),
        false,
      )
    }
    if (focused.autocomplete) return this.#ask(line, focused)
    if (focused.choices?.length || focused.type === OptionType.Boolean || focused.type === OptionType.Channel)
      return this.#menu.show(
        t().choices(labelOf(focused, this.#locale)),
        this.#choiceItems(line, focused, line.values.get(focused)),
        false,
      )
    this.#menu.hide()
  }

  #optionItem(option) {
    const label = labelOf(option, this.#locale)
    return {
      label: `${label}:`,
      parts: option.required ? t().required : '',
      what: whatOf(option, this.#locale),
      text: `${input.value.trimEnd()} ${label}:`,
    }
  }

  #choiceItems(line, option, typed) {
    const choices =
      option.type === OptionType.Boolean
        ? [
            { name: t().yes, value: true },
            { name: t().no, value: false },
          ]
        : option.type === OptionType.Channel
          ? this.#acts.channels()
          : option.choices
    return choices
      .filter((choice) => labelOf(choice, this.#locale).toLowerCase().includes(typed.toLowerCase()))
      .map((choice) => this.#valueItem(line, option, choice))
  }

  #valueItem(line, option, choice) {
    const label = labelOf(choice, this.#locale)
    const before = input.value.slice(0, input.value.length - line.rest.length + line.start).trimEnd()
    return {
      label,
      text: `${before} ${labelOf(option, this.#locale)}:${label} `,
      remember: [`${option.name} ${label.trim()}`, choice.value],
    }
  }

  /** Asks the bot for choices when the typing pauses. An answer to an older question is dropped. */
  #ask(line, option) {
    const asked = this.#asked
    const title = t().choices(labelOf(option, this.#locale))
    // Older choices of the same option stay until new ones arrive. Any other list goes, so that nobody picks from it.
    if (this.#menu.title !== title) this.#menu.hide()
    this.#timer = setTimeout(async () => {
      const given = this.#given(line, option)
      const choices = await this.#acts.complete(line.command, nest(line.path, given)).catch(() => null)
      if (asked === this.#asked && choices)
        this.#menu.show(
          title,
          choices.map((choice) => this.#valueItem(line, option, choice)),
          false,
        )
    }, WAIT_MS)
  }

  /** The options in the shape of an autocomplete request. */
  #given(line, focused) {
    return line.options
      .filter((option) => option === focused || line.values.has(option))
      .map((option) => {
        const text = line.values.get(option) ?? ''
        const value =
          option === focused
            ? (this.#picked.get(`${option.name} ${text}`) ?? text)
            : (sentValue(option, text, this.#picked, this.#locale) ?? text)
        return { type: option.type, name: option.name, value, ...(option === focused ? { focused: true } : {}) }
      })
  }

  #take(item) {
    if (item.remember) this.#picked.set(...item.remember)
    input.value = item.text
    input.focus()
    input.setSelectionRange(item.text.length, item.text.length)
    this.#changed()
  }

  #key(event) {
    // While a Korean syllable is being composed, keys belong to the input method.
    if (event.isComposing || event.keyCode === 229) return
    const line = this.#line()
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1
      if (this.#menu.open) this.#menu.move(step)
      else if (!this.#recall(step)) return
      event.preventDefault()
    } else if (event.key === 'Tab' && !event.shiftKey && this.#menu.open) {
      event.preventDefault()
      this.#take(this.#menu.active ?? this.#menu.first)
    } else if (event.key === 'Escape' && this.#menu.open) {
      event.preventDefault()
      this.#menu.hide()
    } else if (event.key === 'Enter' && this.#menu.active && !(line.kind === 'naming' && this.#ready(line.command))) {
      event.preventDefault()
      this.#take(this.#menu.active)
    }
  }

  /** True if the whole name is typed and nothing more is needed, so that Enter sends it. */
  #ready(command) {
    const active = this.#menu.active?.command
    return (
      command !== null &&
      active === command &&
      !(command.options ?? []).some((option) => option.required || option.type <= OptionType.Group)
    )
  }

  /** Fills an empty field with a text that was sent before. */
  #recall(step) {
    if (this.#sent.length === 0 || (input.value !== '' && input.value !== this.#sent[this.#recalled])) return false
    const next = this.#recalled + step
    if (next < 0) return true
    this.#recalled = Math.min(next, this.#sent.length)
    input.value = this.#sent[this.#recalled] ?? ''
    this.#drawHint(this.#line())
    return true
  }

  #submit() {
    const text = input.value.trim()
    if (text === '') return
    const line = readLine(`${text} `, this.#acts.commands(), this.#locale)
    if (line.kind === 'text') this.#acts.say(text)
    else if (line.kind === 'naming') return this.complain(t().unknownCommand(line.typed))
    else if (line.kind === 'subcommand')
      return this.complain(t().missing(`/${line.command.name} …`, line.options.map((option) => option.name).join(', ')))
    else {
      const options = this.#checked(line)
      if (!options) return
      this.#acts.run(line.command, nest(line.path, options), text)
    }
    this.#sent.push(text)
    this.#recalled = this.#sent.length
    input.value = ''
    this.#changed()
  }

  /** The options to send, or null if one is wrong and the error is shown. */
  #checked(line) {
    const given = []
    for (const option of line.options) {
      const label = labelOf(option, this.#locale)
      const text = line.values.get(option) ?? ''
      if (text === '' && !option.required) continue
      if (text === '') return this.#refuse(t().missing(label, whatOf(option, this.#locale)), label)
      const value = sentValue(option, text, this.#picked, this.#locale)
      if (value === undefined)
        return this.#refuse(
          option.choices?.length || option.type === OptionType.Boolean
            ? t().wrongChoice(label)
            : t().wrongNumber(label),
        )
      given.push({ type: option.type, name: option.name, value })
    }
    return given
  }

  #refuse(text, label) {
    if (label && !input.value.includes(`${label}:`)) {
      input.value = `${input.value.trimEnd()} `
      this.#changed()
    }
    this.complain(text)
    return null
  }

  #drawHint(line) {
    hint.hidden = line.kind !== 'filling'
    if (line.kind !== 'filling') return
    const now = line.focused ?? line.options.find((option) => !line.values.has(option)) ?? null
    hint.replaceChildren(
      el(
        'span',
        { class: 'command' },
        `/${[line.command, ...line.path].map((step) => labelOf(step, this.#locale)).join(' ')}`,
      ),
      ...line.options.map((option) =>
        el(
          'span',
          { class: ['option', option === now && 'now', line.values.has(option) && 'filled'].filter(Boolean).join(' ') },
          `${labelOf(option, this.#locale)}${option.required ? ' *' : ''}`,
        ),
      ),
      el('span', { class: 'what' }, now ? whatOf(now, this.#locale) : whatOf(line.command, this.#locale)),
    )
  }
}
