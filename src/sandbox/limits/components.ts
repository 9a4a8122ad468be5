import { ButtonStyle, ComponentType } from 'discord-api-types/v10'
import type { Place } from '../api-error.ts'
import type { Checks, Json } from './check.ts'

const SELECT_MENUS: ReadonlySet<unknown> = new Set([
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
])

/** Checks rows of at most five buttons or one select menu. Each custom id must be unique. */
export const checkComponents = (checks: Checks, value: unknown, place: Place = ['components']): Json[] => {
  const rows = checks.objects(value, place, 5)
  const ids = new Set<string>()
  rows.forEach((row, index) => {
    const at = [...place, index]
    if (row.type !== ComponentType.ActionRow) {
      checks.errors.add([...at, 'type'], 'BASE_TYPE_CHOICES', 'Value must be one of (1,).')
      return
    }
    const parts = checks.objects(row.components, [...at, 'components'], 5)
    if (parts.length === 0)
      checks.errors.add([...at, 'components'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.')
    if (parts.length > 1 && parts.some((part) => part.type !== ComponentType.Button))
      checks.errors.add(
        [...at, 'components'],
        'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
        'The specified component exceeds the maximum width',
      )
    parts.forEach((part, position) => {
      const where = [...at, 'components', position]
      checkPart(checks, part, where)
      if (typeof part.custom_id !== 'string') return
      if (ids.has(part.custom_id))
        checks.errors.add(
          [...where, 'custom_id'],
          'COMPONENT_CUSTOM_ID_DUPLICATED',
          'Component custom id cannot be duplicated',
        )
      ids.add(part.custom_id)
    })
  })
  return rows
}

const checkPart = (checks: Checks, part: Json, at: Place): void => {
  const type = part.type
  if (type === ComponentType.Button) checkButton(checks, part, at)
  else if (SELECT_MENUS.has(type)) {
    checks.text(part.custom_id, [...at, 'custom_id'], { min: 1, max: 100, required: true })
    checks.text(part.placeholder, [...at, 'placeholder'], { max: 150 })
    if (type === ComponentType.StringSelect) checkOptions(checks, part, at)
  } else if (type === ComponentType.TextInput) {
    checks.text(part.custom_id, [...at, 'custom_id'], { min: 1, max: 100, required: true })
    checks.text(part.label, [...at, 'label'], { max: 45, required: true })
  } else checks.errors.add([...at, 'type'], 'BASE_TYPE_CHOICES', 'Value must be one of (2, 3, 4, 5, 6, 7, 8).')
}

const checkButton = (checks: Checks, button: Json, at: Place): void => {
  checks.text(button.label, [...at, 'label'], { max: 80 })
  checks.integer(button.style, [...at, 'style'], { min: 1, max: 6 })
  if (button.style === undefined) checks.errors.add([...at, 'style'], 'BASE_TYPE_REQUIRED', 'This field is required')
  if (!button.label && !button.emoji)
    checks.errors.add(at, 'BUTTON_COMPONENT_REQUIRES_LABEL_OR_EMOJI', 'Button requires a label or an emoji')
  if (button.style === ButtonStyle.Link) {
    if (!button.url) checks.errors.add([...at, 'url'], 'BASE_TYPE_REQUIRED', 'This field is required')
    checks.address(button.url, [...at, 'url'], ['http', 'https', 'discord'])
    if (button.custom_id)
      checks.errors.add(
        [...at, 'custom_id'],
        'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE',
        'A custom id and url cannot both be specified',
      )
  } else checks.text(button.custom_id, [...at, 'custom_id'], { min: 1, max: 100, required: true })
}

const checkOptions = (checks: Checks, select: Json, at: Place): void => {
  const options = checks.objects(select.options, [...at, 'options'], 25)
  if (options.length === 0)
    checks.errors.add([...at, 'options'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 25 in length.')
  options.forEach((option, index) => {
    checks.text(option.label, [...at, 'options', index, 'label'], { max: 100, required: true })
    checks.text(option.value, [...at, 'options', index, 'value'], { max: 100, required: true })
    checks.text(option.description, [...at, 'options', index, 'description'], { max: 100 })
  })
}
