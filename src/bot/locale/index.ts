import { en } from './en.ts'
import { ko } from './ko.ts'
import type { Locale, Texts } from './texts.ts'

export const texts: Readonly<Record<Locale, Texts>> = { ko, en }

/** The table for the first of these Discord locales that has one (`ko`, `en-US`, `en-GB`), else English. */
export const localeOf = (...wanted: readonly (string | null | undefined)[]): Locale => {
  for (const locale of wanted) {
    if (locale === 'ko') return 'ko'
    if (locale?.startsWith('en')) return 'en'
  }
  return 'en'
}
