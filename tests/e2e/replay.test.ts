import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadImage } from '@napi-rs/canvas'
import type { APIMessage } from 'discord.js'
import { expect, test } from 'vitest'
import { until } from '../sandbox/visitor.ts'
import { MONDAY_OPEN, marketBars } from '../support/bars.ts'
import { folder, isRunning, type Running, start } from '../support/child.ts'
import { recorded } from '../support/data.ts'

/** The messages of `#alerts`, as a visitor's browser gets them. */
const alerts = async (bot: Running): Promise<APIMessage[]> => {
  const url = /open (\S+)/.exec(bot.stdout())?.[1]
  if (url === undefined) return []
  const ask = async (path: string) => (await fetch(`${url}/api/v10${path}`)).json()
  const [guild] = (await ask('/users/@me/guilds')) as { id: string }[]
  const channels = (await ask(`/guilds/${guild?.id}/channels`)) as { id: string; name: string }[]
  const messages = (await ask(
    `/channels/${channels.find(({ name }) => name === 'alerts')?.id}/messages`,
  )) as APIMessage[]
  return messages.filter(({ embeds }) => embeds[0]?.image !== undefined)
}
const firstAlert = (bot: Running) =>
  until(
    async () => (await alerts(bot)).at(-1),
    () => `an alert with a picture; said: ${bot.stderr()}`,
    100_000,
  )

const sizeOfPicture = async ({ embeds }: APIMessage) => {
  const { width, height } = await loadImage(Buffer.from(await (await fetch(embeds[0]?.image?.url ?? '')).arrayBuffer()))
  return { width, height }
}

test('a file of bars is replayed: its pump is posted with its picture, its minute and where it comes from', async () => {
  const cwd = folder()
  const day = 86_400_000
  const bars = [0, 1, 2, 3].flatMap((days) =>
    marketBars({
      seed: days + 1,
      start: MONDAY_OPEN + days * day,
      minutes: 380,
      pumpAt: days === 3 ? 180 : null,
      pump: { percent: 15, multiple: 90 },
    }),
  )
  const rows = bars.map((b) => [b.symbol, b.openTime, b.open, b.high, b.low, b.close, b.volume].join(','))
  writeFileSync(join(cwd, 'pump.csv'), `symbol,time,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const bot = start({ cwd, env: { SOURCE: 'csv', CSV_FILE: 'pump.csv', CSV_SPEED: '7200' } })
  await isRunning(bot)
  expect(bot.stdout()).toMatch(/^ {2}market {4}replay of pump\.csv, 7200 times as fast as the clock$/m)
  expect(bot.stdout()).toMatch(/^ {2}watching {2}038530$/m)
  const alert = await firstAlert(bot)
  expect(JSON.stringify(alert)).toContain('038530')
  expect(JSON.stringify(alert)).toContain('12:00')
  expect(alert.content).not.toContain('SIMULATED')
  expect((await sizeOfPicture(alert)).width).toBeGreaterThan(800)
  bot.kill('SIGINT')
  expect(await bot.ended).toMatchObject({ code: 0, stderr: '' })
})

test('recorded minutes of a 24-hour market post alerts with pictures (skipped where the recording is not)', async (context) => {
  const env = {
    SOURCE: 'csv',
    CSV_FILE: recorded('detection/bars.csv.gz', context),
    CSV_HOURS: '24h',
    CSV_SPEED: '20000',
  }
  const bot = start({ cwd: folder(), env })
  const alert = await firstAlert(bot)
  expect(alert.embeds[0]?.description).toMatch(/\d/)
  expect((await sizeOfPicture(alert)).width).toBeGreaterThan(800)
  bot.kill('SIGTERM')
  expect(await bot.ended).toMatchObject({ code: 0, stderr: '' })
})
