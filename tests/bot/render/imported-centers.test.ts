import { expect, test } from 'vitest'
import { texts } from '../../../src/bot/locale/index.ts'
import { centersEmbed } from '../../../src/bot/render/centers.ts'
import { centersOf } from '../charts/centers.ts'

test.for([
  ['en', /^Centers of the whole market from Spark 4\.2\.0, 2800 stocks, imported on .+ · 400 minutes of this stock/],
  ['ko', /^시장 전체의 중심\(출처: Spark 4\.2\.0, 2800 stocks\) · .+에 가져옴 · .+까지 이 종목의 분봉 400개/],
] as const)('imported centers are named with their origin, in %s', ([locale, line]) => {
  const view = { ...centersOf({ k: 4 }), imported: { origin: 'Spark 4.2.0, 2800 stocks', importedAt: 0 } }
  const { description } = centersEmbed(view, texts[locale])
  expect(description).toMatch(line)
})

test('an origin is no formatting', () => {
  const view = { ...centersOf({ k: 4 }), imported: { origin: '**loud** `code`', importedAt: 0 } }
  expect(centersEmbed(view, texts.en).description).toContain('\\*\\*loud\\*\\* \\`code\\`')
})
