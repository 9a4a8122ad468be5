const COUNT = new Intl.NumberFormat('en-GB')
const RULES = new Intl.PluralRules('en', { type: 'ordinal' })
const SUFFIX: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }

/** `1st`, `22nd`, `1,203rd`. */
export const ordinal = (n: number): string => `${COUNT.format(n)}${SUFFIX[RULES.select(n)] ?? 'th'}`
