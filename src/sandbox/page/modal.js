import { byId, el } from './dom.js'
import { t } from './language.js'

const dialog = byId('modal')

/** Shows a form that the bot opened. `submit(components)` sends the values, in the shape in which the bot gets them. */
export const openModal = (modal, submit) => {
  const inputs = modal.components
    .flatMap((row) => row.components ?? [])
    .map((part) => ({ part, field: fieldFor(part) }))
  const form = el(
    'form',
    { method: 'dialog' },
    el('h2', {}, modal.title),
    inputs.map(({ part, field }) => el('label', {}, part.label, field)),
    el(
      'div',
      { class: 'row' },
      el('button', { class: 'press style-1' }, t().send),
      el('button', { type: 'button', class: 'press', onclick: () => dialog.close() }, t().cancel),
    ),
  )
  form.addEventListener('submit', () =>
    submit(
      inputs.map(({ part, field }) => ({
        type: 1,
        components: [{ type: 4, custom_id: part.custom_id, value: field.value }],
      })),
    ),
  )
  dialog.replaceChildren(form)
  dialog.showModal()
}

const fieldFor = (part) => {
  const tag = part.style === 2 ? 'textarea' : 'input'
  const field = el(tag, {
    required: part.required !== false,
    minlength: part.min_length,
    maxlength: part.max_length,
    placeholder: part.placeholder,
  })
  field.value = part.value ?? ''
  return field
}
