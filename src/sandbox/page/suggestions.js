import { byId, el } from './dom.js'
import { t } from './language.js'

const menu = byId('menu')
const input = byId('input')

/** The list above the message field: an ARIA listbox that the field owns. */
export class Suggestions {
  #items = []
  #active = -1
  #title = ''
  #pick

  /** `pick(item)` is called with the item that a person chose. */
  constructor(pick) {
    this.#pick = pick
  }

  get open() {
    return this.#items.length > 0
  }

  get title() {
    return this.#title
  }

  get active() {
    return this.#items[this.#active] ?? null
  }

  get first() {
    return this.#items[0] ?? null
  }

  /** Items are `{ label, parts?, what? }` with any further fields that `pick` needs; `preselect` marks the first. */
  show(title, items, preselect) {
    this.#items = items
    this.#title = title
    this.#active = -1
    menu.hidden = items.length === 0
    input.setAttribute('aria-expanded', String(items.length > 0))
    menu.replaceChildren(
      el('div', { class: 'menu-head', role: 'presentation' }, title),
      ...items.map((item, index) =>
        el(
          'div',
          // A press of the mouse must not take the focus from the field, because the list would close before the click.
          {
            id: `choice-${index}`,
            class: 'choice',
            role: 'option',
            'aria-selected': 'false',
            onmousedown: (event) => event.preventDefault(),
            onclick: () => this.#pick(item),
          },
          el('b', {}, item.label),
          item.parts && el('span', { class: 'parts' }, item.parts),
          item.what && el('span', { class: 'what' }, item.what),
        ),
      ),
    )
    menu.setAttribute('aria-label', title || t().suggestions)
    this.#mark(items.length > 0 && preselect ? 0 : -1)
  }

  hide() {
    this.show('', [], false)
  }

  move(step) {
    const count = this.#items.length
    if (count === 0) return
    const from = this.#active === -1 && step < 0 ? 0 : this.#active
    this.#mark((from + step + count) % count)
  }

  #mark(index) {
    this.#active = index
    for (const node of menu.querySelectorAll('[role="option"]')) node.setAttribute('aria-selected', 'false')
    const node = index === -1 ? null : byId(`choice-${index}`)
    node?.setAttribute('aria-selected', 'true')
    node?.scrollIntoView({ block: 'nearest' })
    if (node) input.setAttribute('aria-activedescendant', node.id)
    else input.removeAttribute('aria-activedescendant')
  }
}
