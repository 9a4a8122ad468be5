import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium as playwright } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'
import { pinMarket } from '../support/pinned-market.ts'
import { CHROMIUM_ARGUMENTS, chromium } from '../support/system.ts'

const { describe, test } = needs('chromium')

describe('a visitor with a browser', () => {
  let folder: string
  let app: App
  let browser: Browser

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'minutewatch-'))
    const databaseUrl = `sqlite:${join(folder, 'bot.db')}`
    await pinMarket(databaseUrl)
    app = await startApp(readConfig({ DATABASE_URL: databaseUrl, SANDBOX_PORT: '0' }), silent)
    browser = await playwright.launch({ executablePath: chromium() ?? '', args: CHROMIUM_ARGUMENTS })
  })
  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('types /watch 038530 and sees the answer, and an alert with its picture', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'ko-KR' })
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(app.sandbox?.url ?? '')

    const alert = page
      .locator('article, li')
      .filter({ hasText: 'SIMULATED' })
      .filter({ has: page.locator('img[alt*="038530"]') })
      .first()
    await alert.waitFor({ timeout: 60_000 })
    const picture = alert.locator('img[alt*="038530"]')
    await expect
      .poll(() => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
      .toBeGreaterThan(800)

    await page.keyboard.type('/watch 038530')
    await page.keyboard.press('Enter')
    const answer = page.locator('article, li').filter({ hasText: '/watch' }).filter({ hasText: '거래일' }).last()
    await answer.waitFor({ timeout: 30_000 })
    await expect.poll(() => answer.locator('img[alt*="038530"]').count()).toBe(1)
    expect(errors).toEqual([])
  })
})
