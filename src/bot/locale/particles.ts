/** Korean particles in two forms: after a word that ends in a consonant, and after one that ends in a vowel. */
const PAIRS = {
  은는: ['은', '는'],
  이가: ['이', '가'],
  을를: ['을', '를'],
  과와: ['과', '와'],
  으로로: ['으로', '로'],
} as const

type Ending = 'vowel' | 'consonant' | 'rieul'

/** Digits as they are read: 영 일 이 삼 사 오 육 칠 팔 구. */
const DIGITS: readonly Ending[] = [
  'consonant',
  'rieul',
  'vowel',
  'consonant',
  'vowel',
  'vowel',
  'consonant',
  'rieul',
  'rieul',
  'vowel',
]

/** Latin letters whose Korean name ends in a consonant: 엘, 엠, 엔, 알. */
const LETTERS: Readonly<Record<string, Ending>> = { L: 'rieul', M: 'consonant', N: 'consonant', R: 'rieul' }

const HANGUL_FIRST = 0xac00
const HANGUL_LAST = 0xd7a3
const FINALS = 28
const RIEUL = 8

/**
 * Adds the particle's form that fits the word: `케이바이오는`, `삼성전자를`, `LG전자우로`, `035720은`. Brackets at the end do not
 * count: `케이바이오(038530)를`.
 */
export const withParticle = (word: string, pair: keyof typeof PAIRS): string => {
  const ending = endingOf(word)
  const [consonant, vowel] = PAIRS[pair]
  if (pair === '으로로' && ending === 'rieul') return word + vowel
  return word + (ending === 'vowel' ? vowel : consonant)
}

const endingOf = (word: string): Ending => {
  const heard = word.replace(/\s*\([^()]*\)$/, '') || word
  const last = heard.match(/[\p{L}\p{N}](?=[^\p{L}\p{N}]*$)/u)?.[0]
  if (last === undefined) return 'vowel'
  const code = last.codePointAt(0) ?? 0
  if (code >= HANGUL_FIRST && code <= HANGUL_LAST) {
    const final = (code - HANGUL_FIRST) % FINALS
    if (final === 0) return 'vowel'
    return final === RIEUL ? 'rieul' : 'consonant'
  }
  if (/[0-9]/.test(last)) return DIGITS[Number(last)] ?? 'vowel'
  return LETTERS[last.toUpperCase()] ?? 'vowel'
}
