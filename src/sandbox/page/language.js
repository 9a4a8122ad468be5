import { texts } from './texts.js'

const KEY = 'language'
const remembered = localStorage.getItem(KEY)
let current = remembered in texts ? remembered : navigator.language.startsWith('ko') ? 'ko' : 'en'

export const language = () => current
export const t = () => texts[current]

export const chooseLanguage = (locale) => {
  current = locale
  localStorage.setItem(KEY, locale)
}

/** Gives an accessible name to every element of the page that has no text. */
export const labelPage = () => {
  document.documentElement.lang = current
  for (const node of document.querySelectorAll('[data-label]')) {
    const text = t()[node.dataset.label]
    node.setAttribute('aria-label', text)
    if (node.tagName === 'BUTTON') node.title = text
  }
  for (const button of document.querySelectorAll('[data-locale]'))
    button.setAttribute('aria-pressed', String(button.dataset.locale === current))
}
