import { drawComponents } from './components.js'
import { el } from './dom.js'
import { draw } from './draw.js'
import { drawEmbed, picture } from './embed.js'
import { t } from './language.js'
import { when } from './time.js'

const EPHEMERAL = 64
const LOADING = 128
const SUPPRESSED = 4
const TOGETHER_MS = 7 * 60_000

export const isEphemeral = (message) => (message.flags & EPHEMERAL) !== 0

/** True if a message is shown under the same name as the one before it. */
const joins = (message, before) =>
  before &&
  before.author.id === message.author.id &&
  !message.interaction_metadata?.name &&
  !message.referenced_message &&
  isEphemeral(message) === isEphemeral(before) &&
  Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER_MS

/** The name of an author; the visitor is called “you” in the page's language. */
export const nameOf = (user) => (user.bot ? user.username : t().you)

/** Draws a message as a list item. `acts`: press(message, part, values), dismiss(message). */
export const drawMessage = (message, before, names, acts) => {
  const { author, flags } = message
  const item = el('li', {
    class: ['message', joins(message, before) && 'joined', isEphemeral(message) && 'ephemeral']
      .filter(Boolean)
      .join(' '),
    'data-id': message.id,
  })
  item.append(
    ...[
      origin(message),
      avatar(author),
      el(
        'div',
        { class: 'body' },
        el(
          'div',
          { class: 'headline' },
          el('span', { class: 'author' }, nameOf(author)),
          author.bot && el('span', { class: 'badge' }, t().app),
          el('time', { class: 'when', datetime: message.timestamp }, when(Date.parse(message.timestamp))),
        ),
        flags & LOADING ? el('div', { class: 'thinking' }, t().thinking(nameOf(author))) : content(message, names),
        message.attachments.map(attachment),
        flags & SUPPRESSED ? null : message.embeds.map((embed) => drawEmbed(embed, names)),
        drawComponents(message.components ?? [], (part, values) => acts.press(message, part, values)),
        isEphemeral(message) &&
          el(
            'div',
            { class: 'only-you' },
            `👁 ${t().onlyYou} • `,
            el('button', { type: 'button', onclick: () => acts.dismiss(message) }, t().dismissMessage),
          ),
      ),
    ].filter(Boolean),
  )
  return item
}

const avatar = (author) =>
  author.bot
    ? el('img', { class: 'avatar', src: '/page/bot.svg', alt: '', width: 40, height: 40 })
    : el('span', { class: 'avatar avatar-visitor', 'aria-hidden': 'true' }, 'Y')

/** The line above a message: the command or the message that it answers. */
const origin = (message) => {
  const { interaction_metadata: asked, referenced_message: reply } = message
  if (asked?.name && !reply)
    return el(
      'div',
      { class: 'origin' },
      el('b', {}, nameOf(asked.user)),
      t().used[0],
      el('span', { class: 'command' }, `/${asked.name}`),
      t().used[1],
    )
  if (!reply) return null
  const text = reply.content || reply.embeds?.[0]?.title || reply.attachments?.[0]?.filename || '…'
  return el('div', { class: 'origin' }, el('b', {}, nameOf(reply.author)), ` ${text.slice(0, 120)}`)
}

const content = (message, names) => {
  const edited =
    message.edited_timestamp &&
    el('span', { class: 'edited', title: when(Date.parse(message.edited_timestamp)) }, ` ${t().edited}`)
  if (!message.content && !edited) return null
  const node = el('div', { class: 'content' }, message.content ? draw(message.content, names) : null)
  const last = node.lastElementChild
  if (edited) (last?.tagName === 'DIV' ? last : node).append(edited)
  return node
}

const attachment = (file) =>
  (file.content_type?.startsWith('image/') && picture(file)) ||
  el(
    'a',
    { class: 'file', href: new URL(file.url).pathname, download: file.filename },
    `${file.filename} · ${Math.ceil(file.size / 1024)} KB`,
  )

/** Draws a command that waits for its answer, or that was never answered. */
export const drawPending = ({ text, failed }, dismiss) =>
  el(
    'li',
    { class: 'message ephemeral' },
    avatar({ bot: false }),
    el(
      'div',
      { class: 'body' },
      el('div', { class: 'headline' }, el('span', { class: 'author' }, t().you), el('span', { class: 'when' }, text)),
      failed
        ? el(
            'div',
            { class: 'failed' },
            t().noAnswer,
            el('button', { type: 'button', onclick: dismiss }, t().dismissMessage),
          )
        : el('div', { class: 'thinking' }, t().sending),
    ),
  )
