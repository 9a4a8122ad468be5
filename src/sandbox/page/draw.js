import { el, webUrl } from './dom.js'
import { parse, parseInline } from './markdown.js'
import { stamp } from './time.js'

/** Draws Markdown. `names` knows users and channels. Headings start at h3, below those of the page. */
export const draw = (source, names) => fragment(parse(source).map((block) => drawBlock(block, names)))
export const drawInline = (source, names) => fragment(parseInline(source).map((node) => drawNode(node, names)))

const fragment = (nodes) => {
  const all = document.createDocumentFragment()
  all.append(...nodes)
  return all
}

const drawBlock = (block, names) => {
  const inside = () => (block.children ?? []).map((node) => drawNode(node, names))
  switch (block.type) {
    case 'code-block':
      return el('pre', {}, el('code', {}, block.text))
    case 'heading':
      return el(`h${block.level + 2}`, {}, inside())
    case 'subtext':
      return el('div', { class: 'small' }, inside())
    case 'quote':
      return el('blockquote', {}, inside())
    case 'list':
      return drawList(block, names)
    default:
      return el('div', {}, inside())
  }
}

const drawList = (block, names) => {
  const tag = block.ordered ? 'ol' : 'ul'
  const root = el(tag, { start: block.ordered ? block.start : null })
  const open = [root]
  for (const item of block.items) {
    const depth = Math.min(item.depth, open.length)
    open.length = Math.min(open.length, depth + 1)
    if (depth === open.length) {
      const inner = el(tag)
      ;(open.at(-1).lastElementChild ?? open.at(-1)).append(inner)
      open.push(inner)
    }
    open.at(-1).append(
      el(
        'li',
        {},
        item.children.map((node) => drawNode(node, names)),
      ),
    )
  }
  return root
}

const TAGS = { strong: 'strong', emphasis: 'em', underline: 'u', strike: 's' }

const drawNode = (node, names) => {
  const inside = () => (node.children ?? []).map((child) => drawNode(child, names))
  if (node.type === 'text') return document.createTextNode(node.text)
  if (node.type in TAGS) return el(TAGS[node.type], {}, inside())
  switch (node.type) {
    case 'code':
      return el('code', {}, node.text)
    case 'time':
      return stamp(node.seconds * 1000, node.style)
    case 'link': {
      const href = webUrl(node.url)
      return href ? el('a', { href, target: '_blank', rel: 'noreferrer noopener' }, inside()) : el('span', {}, inside())
    }
    case 'user':
      return el('span', { class: 'mention' }, `@${names.user(node.id)}`)
    case 'role':
      return el('span', { class: 'mention' }, '@role')
    case 'channel':
      return el('span', { class: 'mention' }, `#${names.channel(node.id)}`)
    case 'command':
      return el('span', { class: 'mention' }, node.text)
    case 'spoiler': {
      const show = (event) => event.currentTarget.setAttribute('aria-expanded', 'true')
      return el('button', { type: 'button', class: 'spoiler', 'aria-expanded': 'false', onclick: show }, inside())
    }
    default:
      return document.createTextNode('')
  }
}
