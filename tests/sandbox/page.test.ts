import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'discord.js'
import { type Browser, chromium as engine, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { needs } from '../support/needs.ts'
import { CHROMIUM_ARGUMENTS, chromium } from '../support/system.ts'
import { startBot } from './bot.ts'
import { SIZE } from './picture.ts'
import { until } from './visitor.ts'

needs('chromium').describe('the page in a browser', () => {
  const { test } = needs('chromium')
  let browser: Browser
  let folder: string
  let sandbox: Sandbox
  let client: Client<true>
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    browser = await engine.launch({ executablePath: chromium() ?? '', args: CHROMIUM_ARGUMENTS })
  })
  afterAll(async () => {
    await browser?.close()
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-page-'))
    sandbox = await openSandbox({ port: 0, statePath: folder })
    client = await startBot(sandbox)
    page = await open('en-US')
  })
  afterEach(async () => {
    await page.context().close()
    await client.destroy()
    await sandbox.close()
    rmSync(folder, { recursive: true })
  })

  const open = async (locale: string, width = 1280): Promise<Page> => {
    const context = await browser.newContext({ locale, viewport: { width, height: 800 } })
    const opened = await context.newPage()
    opened.setDefaultTimeout(30_000)
    complaints = []
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await opened.goto(sandbox.url)
    await opened.locator('.channel-link').first().waitFor({ state: 'attached' })
    await opened.locator('#empty:not([hidden]), .message').first().waitFor()
    return opened
  }
  const type = (text: string) => page.keyboard.type(text)
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  const choice = (text: string) => page.getByRole('option', { name: text })

  test('the keyboard alone runs a command: menu, completion from the bot, answer with its picture', async () => {
    await type('/')
    await choice('/chart').waitFor()
    await type('ch')
    await press('Tab')
    await choice('코아시아 (038530)').waitFor()
    await press('ArrowDown')
    expect(await page.getByRole('combobox').getAttribute('aria-activedescendant')).toBe('choice-0')
    await press('Enter', 'Enter')
    const embed = page.locator('.message .embed')
    await embed.getByText('Chart of 038530').waitFor()
    const image = embed.getByRole('img', { name: 'chart of 038530' })
    await until(
      () => image.evaluate((node) => (node as unknown as { naturalWidth: number }).naturalWidth === 800),
      'the picture to load',
    )
    expect(await image.getAttribute('height')).toBe(String(SIZE.height))
    await image.click()
    await page.getByRole('dialog').waitFor()
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(complaints).toEqual([])
  })

  test('a command that is typed in full needs one Enter', async () => {
    await type('/chart 038530')
    await press('Enter')
    await page.getByText('Chart of 038530').waitFor()
    await type('/secret')
    await press('Enter')
    const secret = page.locator('.message.ephemeral', { hasText: 'a secret' })
    await secret.getByText('Only you can see this').waitFor()
    await secret.getByRole('button').click()
    await secret.waitFor({ state: 'detached' })
    await type('/chart')
    await press('Escape', 'Enter')
    await page.getByRole('alert').getByText('symbol is missing').waitFor()
    await press('Control+A')
    await type('/nonsense')
    await press('Enter')
    await page.getByRole('alert').getByText('no command /nonsense').waitFor()
  })

  test('an answer thinks, appears, is edited, and buttons act', async () => {
    await type('/slow')
    await press('Enter')
    await page.getByText('done thinking').first().waitFor()
    await page.locator('.origin', { hasText: 'done thinking' }).waitFor()
    await type('/menu')
    await press('Enter')
    const menu = page.locator('.message', { hasText: 'choose' })
    await menu.getByRole('button', { name: 'Again' }).focus()
    await press('Enter')
    await page.getByText('pressed by you').waitFor()
    await page.getByText('(edited)').waitFor()
    expect(await page.getByRole('button', { name: 'Again' }).count()).toBe(0)
  })

  test('a bot that keeps silent is said to have not responded', async () => {
    await type('/silent')
    await press('Enter')
    await page.getByText('Sending the command…').waitFor()
    await page.getByText('The application did not respond').waitFor()
  })

  test('markup in messages is text', async () => {
    const hostile = '<img src=x onerror="document.title=1"> [x](javascript:alert(1)) **bold**'
    const channel = client.channels.cache.get(sandbox.alertsChannelId)
    if (channel?.isSendable())
      await channel.send({ content: hostile, embeds: [{ title: '<b>t</b>', url: 'https://example.com/"><script>' }] })
    const message = page.locator('.message', { hasText: 'onerror' })
    await message.getByText('<b>t</b>').waitFor()
    expect(await message.locator('img:not(.avatar)').count()).toBe(0)
    expect(await message.locator('a[href^="javascript"]').count()).toBe(0)
    expect(await message.locator('strong').textContent()).toBe('bold')
  })

  test('the language is chosen once, reaches the bot, and is remembered', async () => {
    await page.getByRole('button', { name: '한국어' }).click()
    await until(() => client.guilds.cache.first()?.preferredLocale === 'ko', 'the guild to speak Korean')
    await page.getByRole('combobox').focus()
    await type('/se')
    await choice('나만 볼 수 있는 답').waitFor()
    await press('Enter')
    await press('Enter')
    await page.getByText('비밀입니다').waitFor()
    await page.reload()
    await page.getByText('나만 볼 수 있음').waitFor({ state: 'detached' })
    expect(await page.locator('html').getAttribute('lang')).toBe('ko')
  })

  test('after a restart of the server the page is back with what it showed, and live', async () => {
    await type('/chart 005930')
    await press('Enter')
    await page.getByText('Chart of 005930').waitFor()
    const port = Number(new URL(sandbox.url).port)
    await client.destroy()
    await sandbox.close()
    await page.getByText('Reconnecting…').waitFor()
    sandbox = await openSandbox({ port, statePath: folder })
    client = await startBot(sandbox)
    await page.getByText('Reconnecting…').waitFor({ state: 'hidden' })
    await until(
      () =>
        page
          .getByText('Chart of 005930')
          .count()
          .then((count) => count === 1),
      'the old answer',
    )
    await type('/chart 038530')
    await press('Enter')
    await page.getByText('Chart of 038530').waitFor()
  })

  test('on a phone nothing is wider than the screen and the channels slide in', async () => {
    await type('/chart 038530')
    await press('Enter')
    await page.getByText('Chart of 038530').waitFor()
    await page.context().close()
    page = await open('ko-KR', 400)
    await page.locator('.embed').waitFor()
    expect(await page.locator('html').evaluate((node) => node.scrollWidth)).toBe(400)
    expect(
      await page
        .locator('.message')
        .evaluateAll((nodes) => nodes.every((node) => node.scrollWidth <= node.clientWidth)),
    ).toBe(true)
    await page.getByRole('button', { name: '채널' }).click()
    await page.getByRole('button', { name: 'general' }).click()
    await page.getByRole('heading', { name: '#general 채널입니다' }).waitFor()
    expect(await page.locator('#sidebar').evaluate((node) => node.classList.contains('open'))).toBe(false)
  })
})
