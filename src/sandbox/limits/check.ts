import type { FormErrors, Place } from '../api-error.ts'

export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The number of characters as Discord counts them: Unicode code points, not UTF-16 units. */
export const lengthOf = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** Checks of single fields. Each adds its mistakes, in Discord's words, to `errors` and does not throw. */
export class Checks {
  readonly errors: FormErrors
  constructor(errors: FormErrors) {
    this.errors = errors
  }

  /** Checks a text of `min` to `max` characters; undefined and null pass unless required. Returns the trimmed text. */
  text(value: unknown, place: Place, range: { min?: number; max: number; required?: boolean }): string {
    if (value === undefined || value === null) {
      if (range.required) this.errors.add(place, 'BASE_TYPE_REQUIRED', 'This field is required')
      return ''
    }
    if (typeof value !== 'string') {
      this.errors.add(place, 'STRING_TYPE_CONVERT', 'Could not interpret value as string.')
      return ''
    }
    const text = value.trim()
    const length = lengthOf(text)
    const min = range.min ?? 0
    if (range.required && length === 0) this.errors.add(place, 'BASE_TYPE_REQUIRED', 'This field is required')
    else if (length > range.max || length < min) {
      if (min > 1) this.errors.add(place, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${range.max} in length.`)
      else if (length > range.max)
        this.errors.add(place, 'BASE_TYPE_MAX_LENGTH', `Must be ${range.max} or fewer in length.`)
      else this.errors.add(place, 'BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${range.max} in length.`)
    }
    return text
  }

  /** Checks an array of at most `max` objects; undefined and null count as an empty one. */
  objects(value: unknown, place: Place, max: number): Json[] {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) {
      this.errors.add(place, 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType')
      return []
    }
    if (value.length > max) this.errors.add(place, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`)
    return value.filter((item, index): item is Json => {
      if (isObject(item)) return true
      this.errors.add([...place, index], 'DICT_TYPE_CONVERT', 'Only dictionaries may be used in a DictType')
      return false
    })
  }

  integer(value: unknown, place: Place, range: { min: number; max: number }): void {
    if (value === undefined || value === null) return
    if (typeof value !== 'number' || !Number.isInteger(value))
      this.errors.add(place, 'NUMBER_TYPE_COERCE', `Value "${String(value)}" is not int.`)
    else if (value < range.min)
      this.errors.add(place, 'NUMBER_TYPE_MIN', `int value should be greater than or equal to ${range.min}.`)
    else if (value > range.max)
      this.errors.add(place, 'NUMBER_TYPE_MAX', `int value should be less than or equal to ${range.max}.`)
  }

  address(value: unknown, place: Place, schemes: readonly string[]): void {
    if (value === undefined || value === null || value === '') return
    const scheme = typeof value === 'string' ? /^([a-z]+):\/\/\S+$/i.exec(value)?.[1]?.toLowerCase() : undefined
    if (scheme === undefined) this.errors.add(place, 'URL_TYPE_INVALID_URL', 'Not a well formed URL.')
    else if (!schemes.includes(scheme))
      this.errors.add(
        place,
        'URL_TYPE_INVALID_SCHEME',
        `Scheme "${scheme}" is not supported. Scheme must be one of (${schemes.map((s) => `'${s}'`).join(', ')}).`,
      )
    else if (String(value).length > 2048)
      this.errors.add(place, 'BASE_TYPE_MAX_LENGTH', 'Must be 2048 or fewer in length.')
  }
}
