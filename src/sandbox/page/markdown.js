// Parses Discord's Markdown into a tree of `{ type, children | text, … }`. `draw.js` builds elements from the tree, so no
// text ever becomes markup.

const INLINE = [
  ['escape', /^\\([^\p{L}\p{N}\s])/u],
  ['code', /^(`+)([\s\S]*?[^`])\1(?!`)/],
  ['time', /^<t:(-?\d{1,13})(?::([tTdDfFR]))?>/],
  ['user', /^<@!?(\d+)>/],
  ['role', /^<@&(\d+)>/],
  ['channel', /^<#(\d+)>/],
  ['command', /^<\/([^:>]+):\d+>/],
  ['emoji', /^<a?:(\w+):\d+>/],
  ['quiet-link', /^<(https?:\/\/[^\s>]+)>/],
  ['link', /^\[((?:\[[^\]]*\]|[^[\]])+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/],
  ['bare-link', /^https?:\/\/[^\s<]+[^<.,:;"'\])\s]/],
  ['strong-emphasis', /^\*\*\*(?=\S)([\s\S]*?\S)\*\*\*(?!\*)/],
  ['strong', /^\*\*(?=\S)([\s\S]*?\S)\*\*(?!\*)/],
  ['underline', /^__([\s\S]+?)__(?!_)/],
  ['emphasis', /^\*(?=\S)([\s\S]*?[^\s*])\*(?!\*)/],
  ['emphasis', /^_(?=\S)([\s\S]*?\S)_(?![\p{L}\p{N}_])/u],
  ['strike', /^~~(?=\S)([\s\S]*?\S)~~/],
  ['spoiler', /^\|\|([\s\S]+?)\|\|/],
]
/** Plain text up to the next character at which something else could start. */
const PLAIN = /^[\s\S][^\\`<[*_~|h]*/

export const parseInline = (source) => {
  const nodes = []
  const plain = (text) => {
    const last = nodes.at(-1)
    if (last?.type === 'text') last.text += text
    else nodes.push({ type: 'text', text })
  }
  let rest = source
  let before = ''
  while (rest !== '') {
    const hit = firstMatch(rest, before)
    const taken = hit ? hit.match[0] : PLAIN.exec(rest)[0]
    if (!hit) plain(taken)
    else if (hit.type === 'escape') plain(hit.match[1])
    else nodes.push(inlineNode(hit.type, hit.match))
    rest = rest.slice(taken.length)
    before = taken.at(-1)
  }
  return nodes
}

const firstMatch = (rest, before) => {
  for (const [type, pattern] of INLINE) {
    const match = pattern.exec(rest)
    // The underscores of `snake_case_names` do not mean emphasis.
    if (match && !(match[0].startsWith('_') && /[\p{L}\p{N}]/u.test(before))) return { type, match }
  }
  return null
}

const inlineNode = (type, match) => {
  if (type === 'code') return { type, text: match[2].replace(/^ (.*) $/s, '$1') }
  if (type === 'time') return { type, seconds: Number(match[1]), style: match[2] ?? 'f' }
  if (type === 'user' || type === 'role' || type === 'channel') return { type, id: match[1] }
  if (type === 'command') return { type, text: `/${match[1]}` }
  if (type === 'emoji') return { type: 'text', text: `:${match[1]}:` }
  if (type === 'quiet-link') return { type: 'link', url: match[1], children: [{ type: 'text', text: match[1] }] }
  if (type === 'bare-link') return { type: 'link', url: match[0], children: [{ type: 'text', text: match[0] }] }
  if (type === 'link') return { type, url: match[2], children: parseInline(match[1]) }
  if (type === 'strong-emphasis')
    return { type: 'strong', children: [{ type: 'emphasis', children: parseInline(match[1]) }] }
  return { type, children: parseInline(match[1]) }
}

const FENCE = /^```(?:([\w+-]+)\n)?\n?([\s\S]*?)\n?```/
const LIST = /^( *)(?:[-*]|(\d+)\.) +(.*)$/

/** Splits a text into blocks: fenced code, headings, subtext, quotes, lists, and text with its line breaks. */
export const parse = (source) => {
  const blocks = []
  let text = []
  const flush = () => {
    if (text.length > 0) blocks.push({ type: 'text-block', children: parseInline(text.join('\n')) })
    text = []
  }
  let rest = source
  while (rest !== '') {
    const fence = FENCE.exec(rest)
    if (fence) {
      flush()
      blocks.push({ type: 'code-block', text: fence[2] })
      rest = rest.slice(fence[0].length).replace(/^\n/, '')
      continue
    }
    const end = lineEnd(rest)
    const line = rest.slice(0, end)
    const block = blockOf(line)
    if (block) {
      flush()
      append(blocks, block)
    } else text.push(line)
    rest = rest.slice(end)
    if (rest.startsWith('\n')) rest = rest.slice(1)
  }
  flush()
  return blocks
}

/** The index of the end of the line. A fence ends it too, because it may open in the middle of a line. */
const lineEnd = (rest) => {
  const newline = rest.indexOf('\n')
  const end = newline === -1 ? rest.length : newline
  const fence = rest.indexOf('```', 1)
  return fence > 0 && fence < end && FENCE.test(rest.slice(fence)) ? fence : end
}

const blockOf = (line) => {
  const heading = /^(#{1,3}) +(\S.*)$/.exec(line)
  if (heading) return { type: 'heading', level: heading[1].length, children: parseInline(heading[2]) }
  const small = /^-# +(\S.*)$/.exec(line)
  if (small) return { type: 'subtext', children: parseInline(small[1]) }
  const quote = /^> (.*)$/.exec(line)
  if (quote) return { type: 'quote', lines: [quote[1]], children: parseInline(quote[1]) }
  const item = LIST.exec(line)
  if (item)
    return {
      type: 'list',
      ordered: item[2] !== undefined,
      start: Number(item[2] ?? 1),
      items: [{ depth: Math.min(3, Math.floor(item[1].length / 2)), children: parseInline(item[3]) }],
    }
  return null
}

/** Adds a block. Neighbouring quotes and list items become one block. */
const append = (blocks, block) => {
  const last = blocks.at(-1)
  if (block.type === 'quote' && last?.type === 'quote') {
    last.lines.push(...block.lines)
    last.children = parseInline(last.lines.join('\n'))
  } else if (block.type === 'list' && last?.type === 'list' && last.ordered === block.ordered)
    last.items.push(...block.items)
  else blocks.push(block)
}
