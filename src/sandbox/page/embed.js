import { el, pictureUrl, webUrl } from './dom.js'
import { draw, drawInline } from './draw.js'
import { openLightbox } from './lightbox.js'
import { when } from './time.js'

/** A picture that opens large on a click. Its place stays free until it is loaded. */
export const picture = ({ url, width, height, description, filename }) => {
  const src = pictureUrl(url)
  if (!src) return null
  const alt = description ?? filename ?? ''
  const image = el('img', { src, alt, width: width || null, height: height || null, loading: 'lazy' })
  return el('button', { type: 'button', class: 'picture', onclick: () => openLightbox(src, alt) }, image)
}

export const drawEmbed = (embed, names) => {
  const { author, title, url, description, fields = [], image, thumbnail, footer, timestamp, color } = embed
  const href = url ? webUrl(url) : null
  const card = el(
    'article',
    { class: 'embed' },
    author && el('div', { class: 'embed-author' }, icon(author.icon_url), author.name),
    title &&
      el(
        'div',
        { class: 'embed-title' },
        href
          ? el('a', { href, target: '_blank', rel: 'noreferrer noopener' }, drawInline(title, names))
          : drawInline(title, names),
      ),
    description && el('div', { class: 'embed-description' }, draw(description, names)),
    fields.length > 0 && drawFields(fields, names),
    thumbnail &&
      el(
        'div',
        {},
        el('img', { class: 'embed-thumbnail', src: pictureUrl(thumbnail.url), alt: thumbnail.description ?? '' }),
      ),
    image && picture(image),
    (footer || timestamp) &&
      el(
        'div',
        { class: 'embed-footer' },
        icon(footer?.icon_url),
        [footer?.text, timestamp && when(Date.parse(timestamp))].filter(Boolean).join(' • '),
      ),
  )
  if (color !== undefined && color !== null)
    card.style.setProperty('--embed-color', `#${color.toString(16).padStart(6, '0')}`)
  return card
}

const icon = (url) => {
  const src = url ? pictureUrl(url) : null
  return src && el('img', { class: 'embed-icon', src, alt: '' })
}

/** Puts up to three inline fields side by side; two share the width. */
const drawFields = (fields, names) => {
  const rows = []
  for (const field of fields) {
    const row = rows.at(-1)
    if (field.inline && row?.[0].inline && row.length < 3) row.push(field)
    else rows.push([field])
  }
  const width = (row) => (row[0].inline ? `field inline${row.length === 2 ? ' half' : ''}` : 'field')
  return el(
    'dl',
    { class: 'fields' },
    rows.flatMap((row) =>
      row.map((field) =>
        el(
          'div',
          { class: width(row) },
          el('dt', {}, drawInline(field.name, names)),
          el('dd', { class: 'field-value' }, draw(field.value, names)),
        ),
      ),
    ),
  )
}
