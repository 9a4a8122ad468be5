import { beforeAll, describe, expect, test } from 'vitest'
import { texts } from '../../../src/bot/locale/index.ts'
import { centersEmbed } from '../../../src/bot/render/centers.ts'
import { PARAMETERS } from '../../../src/model/features/parameters.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createReader } from '../../../src/pipeline/bars/reader.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import type { CentersView, Threshold } from '../../../src/pipeline/views/views.ts'
import { at, memoryStore, silent, testSource, watchOf } from '../../support/market.ts'
import { episode, fresh, post, step } from '../store/records.ts'

const SYMBOL = '990350'
const NOW = at('12:00')

let store: Store
let detection: ReturnType<typeof createDetection>
let reader: ReturnType<typeof createReader>
beforeAll(async () => {
  store = await memoryStore()
  const { source } = testSource({ now: NOW, surges: [at('10:10', -4), at('13:20', -3), at('10:45'), at('11:40')] })
  const days = await openClosedDays({ source, store, log: silent })
  const parts = { source, calendar: days.calendar, store }
  detection = createDetection({
    ...parts,
    rereads: createRereads({ days }),
    settings: DETECTOR,
    log: silent,
    now: () => NOW,
  })
  reader = createReader({ ...parts, detection, directory: createDirectory('krx') })
  for (const [channelId, alertsPerDay] of Object.entries({ quiet: 2, lively: 20, spent: 1 })) {
    await store.watches.add(watchOf(SYMBOL, { channelId, since: NOW }))
    await store.watches.saveSettings({
      ...{
        channelId,
        guildId: 'g',
        locale: 'ko',
        alertsPerDay,
        numberSince: null,
        wasPerWeek: null,
        pausedReason: null,
      },
    })
  }
  await backfill(
    { source, rereads: createRereads({ days }), bars: store.bars },
    SYMBOL,
    8,
    () => {},
    new AbortController().signal,
  )
  await detection.run(SYMBOL)
  for (let i = 0; i < 3; i++) {
    const id = fresh('spent')
    const openTime = at('09:00') + i * MINUTE
    await store.signals.commit(
      step('test', 0, {
        ...{
          symbol: SYMBOL,
          episodes: [episode('test', id, openTime / MINUTE, { symbol: SYMBOL, endedAt: openTime })],
        },
        posts: [post(id, { channelId: 'spent', openTime })],
      }),
    )
  }
})

const viewOf = async (k = 4, channelId = 'quiet'): Promise<CentersView> => {
  const view = await reader.centers(SYMBOL, k, 'model', channelId)
  if (view.kind === 'learning') throw new Error('still learning')
  return view
}
const moves = (threshold: Threshold | null | undefined) => threshold?.map(({ movePercent }) => movePercent) ?? []

describe('the centers of what judges a stock', () => {
  test('are in percent and in multiples of the usual volume, of as many minutes as the model has', async () => {
    const { clusters, rows, axes, judging } = await viewOf()
    const model = (await detection.detector(SYMBOL)).model!
    const [minute] = model.horizons
    expect({ axes, judging, rows }).toEqual({ axes: ['move', 'multiple'], judging: true, rows: model.rows })
    expect(clusters.reduce((sum, { size }) => sum + size, 0)).toBe(rows)
    for (const [c, { center, abnormal }] of clusters.entries()) {
      const fitted = minute!.clusters[c]!
      expect(center.move).toBeCloseTo(100 * Math.expm1(fitted.center.move!), 9)
      expect(center.multiple).toBe(fitted.center.multiple)
      expect(abnormal).toBe(fitted.abnormal)
    }
    expect(clusters.map(({ abnormal }) => abnormal)).toEqual([false, false, false, true])
    expect(clusters.at(-1)!.center.move).toBeGreaterThan(1)
  })

  test('lie among points in the same units, falls below zero', async () => {
    const { points, star } = await viewOf()
    expect(Math.min(...points.map(({ x }) => x))).toBeLessThan(0)
    expect(Math.max(...points.map(({ x }) => x))).toBeGreaterThan(5)
    expect(points.every(({ y }) => y >= 0)).toBe(true)
    expect(star).toMatchObject({ openTime: at('11:40'), cluster: 3 })
    expect(star!.x).toBeCloseTo(10, 0)
  })
})

describe('where a minute is abnormal, and from where a channel gets an alert', () => {
  test('is known of each stretch, no alert is below abnormal, and more volume needs less of a move', async () => {
    const { thresholds } = await viewOf()
    expect(thresholds.map(({ minutes }) => minutes)).toEqual([1, 15])
    for (const { abnormal, alert } of thresholds) {
      expect(abnormal.map(({ multiple }) => multiple)).toEqual(alert!.map(({ multiple }) => multiple))
      expect(abnormal.map(({ multiple }) => multiple)).toEqual(expect.arrayContaining([1, 10]))
      expect(moves(abnormal)).toEqual(moves(abnormal).toSorted((a, b) => b - a))
      for (const [i, move] of moves(alert).entries()) expect(move).toBeGreaterThanOrEqual(moves(abnormal)[i]!)
    }
  })

  test('is one surge at every volume', async () => {
    const { thresholds } = await viewOf()
    for (const threshold of thresholds.flatMap(({ abnormal, alert }) => [abnormal, alert!])) {
      // move = tick + surge / (moveAlone + ln(1 + multiple)): on a line over the reciprocal, with the tick where it
      // meets zero.
      const at = threshold.map(({ multiple, movePercent }) => ({
        x: 1 / (PARAMETERS.moveAlone + Math.log1p(multiple)),
        y: Math.log1p(movePercent / 100),
      }))
      const [first, second] = [at[0]!, at[1]!]
      const slope = (second.y - first.y) / (second.x - first.x)
      for (const { x, y } of at) expect(first.y + slope * (x - first.x)).toBeCloseTo(y, 12)
      expect(first.y - slope * first.x).toBeGreaterThanOrEqual(0)
    }
  })

  test('parts the newest minutes: those beyond it are abnormal, those before it are not', async () => {
    const { points, clusters, thresholds } = await viewOf()
    const edge = (multiple: number) => {
      const { movePercent } = thresholds[0]!.abnormal.find((one) => one.multiple === 1)!
      return (
        100 *
        Math.expm1(
          (Math.log1p(movePercent / 100) * (PARAMETERS.moveAlone + Math.log(2))) /
            (PARAMETERS.moveAlone + Math.log1p(multiple)),
        )
      )
    }
    const recent = points.filter(({ openTime }) => openTime >= at('10:20'))
    expect(recent.length).toBeGreaterThan(15)
    for (const { x, y, cluster } of recent) {
      const far = Math.abs(x) / edge(y)
      // A tick counts for nothing, and what is usual has changed a little since.
      if (far > 2) expect(clusters[cluster]!.abnormal).toBe(true)
      if (far < 0.7) expect(clusters[cluster]!.abnormal).toBe(false)
    }
  })

  test('is nearer in a livelier channel', async () => {
    const [quiet, lively] = [await viewOf(4, 'quiet'), await viewOf(4, 'lively')]
    expect(quiet.thresholds[0]!.abnormal).toEqual(lively.thresholds[0]!.abnormal)
    for (const h of [0, 1])
      expect(moves(lively.thresholds[h]!.alert)[1]).toBeLessThan(moves(quiet.thresholds[h]!.alert)[1]!)
  })

  test('is nothing more in a channel that has used up its number today', async () => {
    const view = await viewOf(4, 'spent')
    expect(view.thresholds.map(({ alert }) => alert)).toEqual([null, null])
    expect(centersEmbed(view, texts.ko).fields?.find(({ name }) => name === texts.ko.centers.alertFrom)?.value).toBe(
      texts.ko.centers.noAlertsLeft,
    )
  })

  test('is not said to be used up in a channel that watches nothing', async () => {
    const said = centersEmbed(await viewOf(4, 'elsewhere'), texts.en).fields?.map(({ value }) => value)
    expect(said).not.toContain(texts.en.centers.noAlertsLeft)
  })
})

test.for([2, 3])('%i clusters are fitted at once, and judge nothing', async (k) => {
  const view = await viewOf(k)
  expect(view).toMatchObject({ k, judging: false })
  expect(view.clusters).toHaveLength(k)
  expect(view.clusters.filter(({ abnormal }) => abnormal)).toHaveLength(1)
})
