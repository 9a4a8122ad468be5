import { byId, el } from './dom.js'
import { t } from './language.js'
import { drawMessage, drawPending, isEphemeral } from './message.js'
import { dayOf } from './time.js'

const list = byId('messages')
const scroller = byId('scroller')
const empty = byId('empty')
const newest = byId('newest')
const NEAR_PX = 80

/** Shows the messages of one channel and holds the scroll position. */
export class ChannelView {
  #channel = null
  #messages = []
  #pending = new Map()
  #names
  #acts

  constructor(names, acts) {
    this.#names = names
    this.#acts = acts
    newest.addEventListener('click', () => this.#toEnd())
    scroller.addEventListener('scroll', () => {
      if (this.#nearEnd()) newest.hidden = true
    })
    // A picture that loads late must not push the newest message out of sight.
    list.addEventListener('load', () => this.#stay && this.#toEnd(), true)
    new ResizeObserver(() => this.#stay && this.#toEnd()).observe(scroller)
    scroller.addEventListener('scroll', () => {
      this.#stay = this.#nearEnd()
    })
  }

  #stay = true

  /** Shows a channel, with the private answers in it, which only this page knows. */
  show(channel, messages) {
    const privateAnswers = this.#channel?.id === channel.id ? this.#messages.filter(isEphemeral) : []
    this.#channel = channel
    this.#messages = [...messages, ...privateAnswers].sort(
      (a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1),
    )
    this.redraw()
    this.#toEnd()
  }

  redraw() {
    list.replaceChildren(
      ...this.#messages.flatMap((message, index) => this.#nodes(message, index)),
      ...this.#pendingNodes(),
    )
    this.#drawEmpty()
  }

  put(message) {
    const at = this.#messages.findIndex(({ id }) => id === message.id)
    const follow = this.#stay
    if (at === -1) {
      this.#messages.push(message)
      const mark = list.querySelector('[data-nonce]')
      for (const node of this.#nodes(message, this.#messages.length - 1)) list.insertBefore(node, mark)
    } else {
      this.#messages[at] = { ...this.#messages[at], ...message }
      list.querySelector(`.message[data-id="${message.id}"]`)?.replaceWith(this.#message(this.#messages[at], at))
    }
    this.#drawEmpty()
    if (follow) this.#toEnd()
    else if (at === -1) newest.hidden = false
  }

  drop(id) {
    this.#messages = this.#messages.filter((message) => message.id !== id)
    this.redraw()
  }

  /** Shows a command that waits for its answer, or that `failed` to get one; null removes it. */
  pending(nonce, state) {
    if (state === null) this.#pending.delete(nonce)
    else this.#pending.set(nonce, state)
    for (const node of list.querySelectorAll('[data-nonce]')) node.remove()
    list.append(...this.#pendingNodes())
    if (state) this.#toEnd()
  }

  pendingOf(nonce) {
    return this.#pending.get(nonce) ?? null
  }

  #message(message, index) {
    return drawMessage(message, this.#messages[index - 1], this.#names, this.#acts)
  }

  /** Adds a message, below a line with the date if it is the first one of a day. */
  #nodes(message, index) {
    const day = (one) => new Date(one.timestamp).toDateString()
    const before = this.#messages[index - 1]
    const divider =
      before && day(before) === day(message)
        ? []
        : [el('li', { class: 'day', role: 'presentation' }, dayOf(Date.parse(message.timestamp)))]
    return [...divider, this.#message(message, index)]
  }

  #pendingNodes() {
    return [...this.#pending]
      .filter(([, state]) => state.channelId === this.#channel?.id)
      .map(([nonce, state]) => {
        const node = drawPending(state, () => this.pending(nonce, null))
        node.dataset.nonce = nonce
        return node
      })
  }

  #drawEmpty() {
    empty.hidden = this.#messages.length > 0 || !this.#channel
    if (empty.hidden) return
    empty.replaceChildren(
      el('h2', {}, t().emptyTitle(this.#channel.name)),
      el('p', {}, this.#channel.name === 'alerts' ? t().emptyWaiting : ''),
      el('p', {}, t().emptyTry),
    )
  }

  #nearEnd() {
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX
  }

  #toEnd() {
    scroller.scrollTop = scroller.scrollHeight
    this.#stay = true
    newest.hidden = true
  }
}
