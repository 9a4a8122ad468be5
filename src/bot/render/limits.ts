import type { APIEmbed, APIEmbedField } from 'discord.js'

/** What Discord refuses to go beyond. The last one counts over all embeds of a message. */
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

/** At most `max` UTF-16 units, cut between characters, an ellipsis where something was left out. */
export const clip = (text: string, max: number): string => {
  if (text.length <= max) return text
  const cut = text.slice(0, max - ELLIPSIS.length)
  const whole = /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut
  return whole + ELLIPSIS
}

/** As many whole lines as fit; what is left out is counted in a last line. */
export const clipLines = (lines: readonly string[], max: number, more: (left: number) => string): string => {
  const whole = lines.join('\n')
  if (whole.length <= max) return whole
  for (let kept = lines.length - 1; kept > 0; kept--) {
    const text = [...lines.slice(0, kept), more(lines.length - kept)].join('\n')
    if (text.length <= max) return text
  }
  return clip(more(lines.length), max)
}

/** The embed as Discord takes it: each part within its limit, no empty field, and the whole within the sum, last fields and then the description giving way. */
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

/** What Discord adds up for one embed. */
export const embedLength = ({ title, description, footer, author, fields }: APIEmbed): number =>
  (title?.length ?? 0) +
  (description?.length ?? 0) +
  (footer?.text.length ?? 0) +
  (author?.name.length ?? 0) +
  (fields ?? []).reduce((sum, field) => sum + field.name.length + field.value.length, 0)
