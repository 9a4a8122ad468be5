import { type Checks, isObject, type Json, lengthOf } from './check.ts'

/** Limits the sum over all embeds of a message: titles, descriptions, field names and values, footers, author names. */
const MAX_EMBED_CHARACTERS = 6000
const WEB = ['http', 'https']
const WEB_OR_ATTACHMENT = ['http', 'https', 'attachment']

export const checkEmbeds = (checks: Checks, value: unknown): Json[] => {
  const embeds = checks.objects(value, ['embeds'], 10)
  const total = embeds.reduce((sum, embed, index) => sum + checkEmbed(checks, embed, index), 0)
  if (total > MAX_EMBED_CHARACTERS)
    checks.errors.add(
      ['embeds'],
      'MAX_EMBED_SIZE_EXCEEDED',
      `Embed size exceeds maximum size of ${MAX_EMBED_CHARACTERS}`,
    )
  return embeds
}

/** Returns the number of characters that count towards the sum. */
const checkEmbed = (checks: Checks, embed: Json, index: number): number => {
  const at = ['embeds', index]
  const author = isObject(embed.author) ? embed.author : {}
  const footer = isObject(embed.footer) ? embed.footer : {}
  const texts = [
    checks.text(embed.title, [...at, 'title'], { max: 256 }),
    checks.text(embed.description, [...at, 'description'], { max: 4096 }),
    isObject(embed.author) ? checks.text(author.name, [...at, 'author', 'name'], { max: 256, required: true }) : '',
    isObject(embed.footer) ? checks.text(footer.text, [...at, 'footer', 'text'], { max: 2048, required: true }) : '',
  ]
  checks.objects(embed.fields, [...at, 'fields'], 25).forEach((field, position) => {
    texts.push(checks.text(field.name, [...at, 'fields', position, 'name'], { max: 256, required: true }))
    texts.push(checks.text(field.value, [...at, 'fields', position, 'value'], { max: 1024, required: true }))
  })
  checks.integer(embed.color, [...at, 'color'], { min: 0, max: 0xffffff })
  checks.address(embed.url, [...at, 'url'], WEB)
  checks.address(author.url, [...at, 'author', 'url'], WEB)
  checks.address(author.icon_url, [...at, 'author', 'icon_url'], WEB_OR_ATTACHMENT)
  checks.address(footer.icon_url, [...at, 'footer', 'icon_url'], WEB_OR_ATTACHMENT)
  for (const part of ['image', 'thumbnail'] as const) {
    const picture = embed[part]
    if (isObject(picture)) checks.address(picture.url, [...at, part, 'url'], WEB_OR_ATTACHMENT)
  }
  if (typeof embed.timestamp === 'string' && Number.isNaN(Date.parse(embed.timestamp)))
    checks.errors.add(
      [...at, 'timestamp'],
      'DATE_TIME_TYPE_PARSE',
      `Could not parse ${embed.timestamp}. Should be ISO8601.`,
    )
  return texts.reduce((sum, text) => sum + lengthOf(text), 0)
}
