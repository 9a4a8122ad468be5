export interface Texts {
  readonly locale: 'ko' | 'en'
}
