import type { Texts } from './texts.ts'

/** The person can mend it: shown to them alone, as it is, in their language. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly text: (texts: Texts) => string
  constructor(text: (texts: Texts) => string) {
    super('the person can mend it')
    this.text = text
  }
}
