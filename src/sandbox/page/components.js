import { el, webUrl } from './dom.js'

const LINK = 5

/** Builds rows of buttons and menus. `press(part, values)` sends a click or a choice to the bot. */
export const drawComponents = (rows, press) =>
  rows.map((row) =>
    el(
      'div',
      { class: 'row' },
      (row.components ?? []).map((part) => (part.type === 2 ? button(part, press) : menu(part, press))),
    ),
  )

const button = (part, press) => {
  const label = [part.emoji?.id ? null : part.emoji?.name, part.label].filter(Boolean).join(' ')
  if (part.style === LINK)
    return el(
      'a',
      { class: 'press', href: webUrl(part.url), target: '_blank', rel: 'noreferrer noopener' },
      `${label} ↗`,
    )
  return el(
    'button',
    {
      type: 'button',
      class: `press style-${part.style}`,
      disabled: part.disabled,
      'data-custom-id': part.custom_id,
      onclick: () => press(part),
    },
    label,
  )
}

const menu = (part, press) => {
  const options = part.options ?? []
  const several = (part.max_values ?? 1) > 1
  const node = el(
    'select',
    { class: 'choose', disabled: part.disabled, multiple: several, 'aria-label': part.placeholder ?? part.custom_id },
    several ? null : el('option', { value: '' }, part.placeholder ?? '…'),
    options.map((option) => el('option', { value: option.value, selected: option.default }, option.label)),
  )
  node.addEventListener('change', () => {
    const values = [...node.selectedOptions].map(({ value }) => value).filter(Boolean)
    if (values.length > 0) press(part, values)
  })
  return node
}
