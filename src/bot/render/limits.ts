import type { APIEmbed, APIEmbedField } from 'discord.js'

/**
 * Discord's limits, in UTF-16 units; `fields` is a number of fields. `embedsTotal` is for all embeds of a message
 * together.
 */
export const LIMITS = {
  content: 2000,
  title: 256,
  description: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  footer: 2048,
  alt: 1024,
  embedsTotal: 6000,
} as const

const ELLIPSIS = '…'

/** Cuts a text to at most `max` UTF-16 units, between characters, with an ellipsis at the cut. */
export const clip = (text: string, max: number): string => {
  if (text.length <= max) return text
  const cut = text.slice(0, max - ELLIPSIS.length)
  const whole = /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut
  return whole + ELLIPSIS
}

/** As many whole lines as fit. A last line counts the ones left out. */
export const clipLines = (lines: readonly string[], max: number, more: (left: number) => string): string => {
  const whole = lines.join('\n')
  if (whole.length <= max) return whole
  for (let shown = lines.length - 1; shown > 0; shown--) {
    const text = [...lines.slice(0, shown), more(lines.length - shown)].join('\n')
    if (text.length <= max) return text
  }
  return clip(more(lines.length), max)
}

/**
 * Makes an embed fit Discord's limits: each part is cut to its limit and no field is empty. If the whole is still too
 * long, the last fields are left out, and then the description is cut.
 */
export const fitEmbed = (embed: APIEmbed): APIEmbed => {
  const fitted: APIEmbed = {
    ...embed,
    ...(embed.title === undefined ? {} : { title: clip(embed.title, LIMITS.title) }),
    ...(embed.description === undefined ? {} : { description: clip(embed.description, LIMITS.description) }),
    ...(embed.footer === undefined
      ? {}
      : { footer: { ...embed.footer, text: clip(embed.footer.text, LIMITS.footer) } }),
  }
  const fields = (embed.fields ?? []).slice(0, LIMITS.fields).map(fitField)
  while (fields.length > 0 && embedLength({ ...fitted, fields }) > LIMITS.embedsTotal) fields.pop()
  const over = embedLength({ ...fitted, fields }) - LIMITS.embedsTotal
  if (over > 0 && fitted.description !== undefined)
    fitted.description = clip(fitted.description, fitted.description.length - over)
  return fields.length === 0 ? { ...fitted, fields: [] } : { ...fitted, fields }
}

const fitField = (field: APIEmbedField): APIEmbedField => ({
  ...field,
  name: clip(field.name, LIMITS.fieldName) || '\u200B',
  value: clip(field.value, LIMITS.fieldValue) || '\u200B',
})

/** The length of an embed as Discord adds it up. */
const embedLength = ({ title, description, footer, author, fields }: APIEmbed): number =>
  (title?.length ?? 0) +
  (description?.length ?? 0) +
  (footer?.text.length ?? 0) +
  (author?.name.length ?? 0) +
  (fields ?? []).reduce((sum, field) => sum + field.name.length + field.value.length, 0)
