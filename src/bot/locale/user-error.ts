import type { Texts } from './texts.ts'

/** An error that the person can correct. Its text is shown to them alone, in their language. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly text: (texts: Texts) => string
  constructor(text: (texts: Texts) => string) {
    super('the person can mend it')
    this.text = text
  }
}
