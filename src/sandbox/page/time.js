import { el } from './dom.js'
import { language, t } from './language.js'

const STYLES = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
}
const UNITS = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

const format = (time, options) => new Intl.DateTimeFormat(language(), options).format(time)

const relative = (time) => {
  const seconds = (time - Date.now()) / 1000
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1)
  return new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(Math.round(seconds / size), unit)
}

/** Draws Discord's `<t:…>` in the reader's language and time zone. */
export const stamp = (time, style) => {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return document.createTextNode('')
  const text = style === 'R' ? relative(time) : format(time, STYLES[style] ?? STYLES.f)
  return el(
    'time',
    { datetime: date.toISOString(), title: format(time, STYLES.F), 'data-style': style, 'data-time': time },
    text,
  )
}

/** Updates the texts that depend on the current time, such as “5 minutes ago”. */
export const refreshRelative = () => {
  for (const node of document.querySelectorAll('time[data-style="R"]'))
    node.textContent = relative(Number(node.dataset.time))
}

export const dayOf = (time) => format(time, { dateStyle: 'long' })

/** Returns “Today at 10:05”, “Yesterday at …”, or the date with the time. */
export const when = (time) => {
  const clock = format(time, STYLES.t)
  const day = new Date(time).toDateString()
  if (day === new Date().toDateString()) return `${t().today} ${clock}`
  if (day === new Date(Date.now() - 86_400_000).toDateString()) return `${t().yesterday} ${clock}`
  return `${format(time, STYLES.d)} ${clock}`
}
