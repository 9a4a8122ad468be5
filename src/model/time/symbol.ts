const KRX = /^[0-9][0-9A-Z]{5}$/
const ANY = /^[A-Z0-9][A-Z0-9._-]{0,31}$/

/**
 * A stock code as KRX writes it: upper case, no spaces, full-width digits made plain; the `A` that old Kiwoom programs
 * put before a code and the `.KS`/`.KQ` that Yahoo puts behind it are taken off. Null if the rest cannot be a code: KRX
 * codes have six characters, digits and capital letters, the first a digit (`038530`, `0001A0`).
 */
export const krxSymbol = (text: string): string | null => {
  const plain = plainText(text).replace(/\.(KS|KQ)$/, '')
  const code = plain.length === 7 && plain.startsWith('A') ? plain.slice(1) : plain
  return KRX.test(code) ? code : null
}

/**
 * A symbol of a market that is not KRX (`APPC_20201118`, `BTC-KRW`): letters, digits, `.`, `_`, `-`; 32 characters at
 * most.
 */
export const anySymbol = (text: string): string | null => {
  const plain = plainText(text)
  return ANY.test(plain) ? plain : null
}

const plainText = (text: string) => text.normalize('NFKC').replace(/\s+/g, '').toUpperCase()
