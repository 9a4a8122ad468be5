import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeededRandom } from '../../../src/model/clusters/random.ts'
import { boundary } from '../../../src/model/detector/boundary.ts'
import { clusterOf, fitModel, WIDEST_RATE } from '../../../src/model/detector/fit.ts'
import { PARAMETERS } from '../../../src/model/features/parameters.ts'
import { naiveMedian } from '../../support/naive.ts'
import { MARKET, modelOf, pastOf, settingsOf, surgesOf } from '../past.ts'

const HORIZONS = [1, 15]
/** Pareto tails of several weights, as calm and lively stocks have them. */
const tails = fc.record({
  seed: fc.nat(),
  tail: fc.double({ min: 0.4, max: 2, noNaN: true }),
  count: fc.integer({ min: 1, max: 1_500 }),
})
const ks = fc.constantFrom(2, 3, 4)
const horizonOf = (surges: readonly number[], k: number) => modelOf(surges, { k }).horizons[0]!

describe('the clusters of a horizon', () => {
  test('are ordered from the most ordinary, and sizes count the minutes that fall into each', () => {
    fc.assert(
      fc.property(tails, ks, ({ seed, tail, count }, k) => {
        const surges = surgesOf(count, seed, tail)
        const { clusters, edges } = horizonOf(surges, k)
        const centers = clusters.map(({ center }) => center.surge!)
        expect(centers).toEqual(centers.toSorted((a, b) => a - b))
        const members = clusters.map(
          (_, c) => surges.filter((surge) => clusterOf(edges, Math.log1p(Math.fround(surge))) === c).length,
        )
        expect(clusters.map(({ size }) => size)).toEqual(members)
      }),
      { seed: 7, numRuns: 40 },
    )
  })

  test('have the medians of their minutes beside their surge', () => {
    fc.assert(
      fc.property(tails, ks, ({ seed, tail, count }, k) => {
        const past = pastOf(surgesOf(count, seed, tail))
        const { clusters, edges } = fitModel(past, settingsOf({ k })).horizons[0]!
        const medians = clusters.map((_, c) => {
          const members = past.rows(0).filter(({ surge }) => clusterOf(edges, Math.log1p(surge)) === c)
          return {
            move: naiveMedian(members.map(({ move }) => Math.abs(move))),
            multiple: naiveMedian(members.map(({ multiple }) => multiple)),
          }
        })
        expect(clusters.map(({ center: { move, multiple } }) => ({ move, multiple }))).toEqual(medians)
      }),
      { seed: 7, numRuns: 40 },
    )
  })

  test('are ordered alike when most minutes are far out, as in a stock that is much livelier than its market', () => {
    const random = createSeededRandom(3)
    const surges = Array.from({ length: 1_500 }, () => 9 * Math.exp(1.5 * (random() + random() + random() - 1.5)))
    for (const k of [2, 3, 4]) {
      const centers = horizonOf(surges, k).clusters.map(({ center }) => center.surge!)
      expect(centers).toEqual(centers.toSorted((a, b) => a - b))
    }
  })

  test('are ordered alike when most minutes stand still and some more move a little', () => {
    const surges = Array.from({ length: 1_500 }, (_, i) =>
      i % 100 === 0 ? 9 : i % 10 === 0 ? 2.8 : i % 10 < 5 ? 0 : 0.6 + (i % 7) / 20,
    )
    const centers = horizonOf(surges, 4).clusters.map(({ center }) => center.surge!)
    expect(centers).toEqual(centers.toSorted((a, b) => a - b))
  })

  test('have one abnormal among them, the furthest, which holds the widest score', () => {
    fc.assert(
      fc.property(tails, ks, ({ seed, tail, count }, k) => {
        const { clusters, edges, widest } = horizonOf(surgesOf(count, seed, tail), k)
        expect(clusters.map(({ abnormal }) => abnormal)).toEqual(clusters.map((_, c) => c === clusters.length - 1))
        expect(clusterOf(edges, widest)).toBe(clusters.length - 1)
      }),
      { seed: 7, numRuns: 40 },
    )
  })

  test('hold what is further out than the widest score in the furthest, however far', () => {
    const { clusters, edges, widest } = horizonOf(surgesOf(1_000, 1), 4)
    for (const score of [widest, widest + 1e-9, 20, Infinity]) expect(clusterOf(edges, score)).toBe(clusters.length - 1)
  })

  test('say the median move without its sign and the median multiple of the usual volume', () => {
    const { clusters } = horizonOf([...Array<number>(20).fill(0), 6, 5, 7], 2)
    expect(clusters[1]!.center).toEqual({
      surge: expect.closeTo(clusters[1]!.center.surge!, 12),
      move: Math.fround(6 / 1_000),
      multiple: Math.fround(18),
    })
  })
})

describe('an old event', () => {
  const surges = surgesOf(2_000, 5)
  const events = surges.map((surge, i) => (i > 900 && i < 906 ? 50_000 : surge))

  test('takes no cluster for itself', () => {
    const { clusters, widest } = horizonOf(events, 4)
    expect(clusters.at(-1)!.center.surge!).toBeLessThanOrEqual(Math.expm1(widest))
    expect(clusters.at(-1)!.size).toBeGreaterThan(5)
  })

  test('does not raise what is abnormal after it', () => {
    const [before, after] = [surges, events].map((all) => horizonOf(all, 4).edges.at(-1)!)
    expect(after! - before!).toBeLessThan(0.1)
  })
})

test('a quiet history knows from its market what is far out, without a minute of its own there', () => {
  const quiet = surgesOf(2_000, 6).map((surge) => Math.min(surge, 0.5))
  for (const k of [2, 3, 4]) {
    const model = modelOf(quiet, { k })
    const { clusters, edges, lent } = model.horizons[0]!
    expect(clusters.at(-1)).toMatchObject({ size: 0, abnormal: true })
    expect(clusterOf(edges, boundary(model, WIDEST_RATE))).toBe(clusters.length - 1)
    expect(lent).toBe(Math.ceil((2 * 2_000) / 381))
  }
})

test.for([2, 3, 4])('minutes that all stand still make one ordinary cluster beside the lent one, k = %i', (k) => {
  const model = modelOf(Array<number>(500).fill(0), { k })
  expect(model.horizons[0]!.clusters.map(({ size, abnormal }) => [size, abnormal])).toEqual([
    [500, false],
    [0, true],
  ])
  expect(model.noisePerSession).toBe(0)
})

test('fewer distinct surges than k make fewer clusters, none of them empty but the lent one', () => {
  const { clusters } = horizonOf([...Array<number>(300).fill(0), ...Array<number>(20).fill(1)], 4)
  expect(clusters.map(({ size, abnormal }) => [size, abnormal])).toEqual([
    [300, false],
    [20, false],
    [0, true],
  ])
})

test('a single minute makes a model', () => {
  expect(modelOf([0.3]).horizons[0]!.clusters.map(({ size }) => size)).toEqual([1, 0])
})

test('leaving out or repeating minutes hardly moves what is abnormal', () => {
  const surges = surgesOf(1_500, 5)
  const random = createSeededRandom(9)
  const whole = horizonOf(surges, 4).edges.at(-1)!
  for (let sample = 0; sample < 20; sample++) {
    const drawn = surges.map(() => surges[Math.floor(random() * surges.length)]!)
    expect(Math.abs(horizonOf(drawn, 4).edges.at(-1)! - whole)).toBeLessThan(0.5)
  }
})

describe('the boundary', () => {
  test('of any number that a channel can choose lies inside the abnormal cluster, over one horizon', () => {
    const rates = fc.double({ min: 0, max: WIDEST_RATE, noNaN: true })
    fc.assert(
      fc.property(tails, ks, rates, ({ seed, tail, count }, k, rate) => {
        const model = modelOf(surgesOf(count, seed, tail), { k })
        expect(clusterOf(model.horizons[0]!.edges, boundary(model, rate))).toBe(model.horizons[0]!.clusters.length - 1)
      }),
      { seed: 7, numRuns: 40 },
    )
  })

  test('never rises when more alerts are allowed, and is out of reach for none', () => {
    const model = modelOf(surgesOf(2_000, 3))
    const boundaries = [8, 2, 0.6, 0.2, 0.01, 1e-4, 0].map((rate) => boundary(model, rate))
    expect(boundaries).toEqual(boundaries.toSorted((a, b) => a - b))
    expect(boundaries.at(-1)).toBe(Infinity)
  })

  test('is higher for a livelier past', () => {
    const [calm, lively] = [0.6, 1.4].map((tail) => boundary(modelOf(surgesOf(4_000, 7, tail)), 0.6))
    expect(lively!).toBeGreaterThan(calm!)
  })

  test('is the market’s while the past is short', () => {
    const model = modelOf([0, 0, 0])
    expect(Math.abs(boundary(model, 0.56) - MARKET.horizons['1']![5]!)).toBeLessThan(0.03)
  })
})

describe('a model', () => {
  const settings = settingsOf({ horizons: HORIZONS, market: MARKET })
  const past = pastOf(surgesOf(1_500, 9), surgesOf(1_500, 10))

  test('is the same for the same history to the last bit', () => {
    expect(fitModel(past, settings)).toEqual(fitModel(past, settings))
  })

  test.for([
    { name: 'seed', changed: { seed: 2 } },
    { name: 'cutoff', changed: { cutoff: settings.cutoff + 1 } },
    { name: 'symbol', changed: { symbol: '005930' } },
    { name: 'market', changed: { market: { ...MARKET, combined: MARKET.combined.map((score) => score + 0.1) } } },
  ])('has another name with another $name', ({ changed }) => {
    expect(fitModel(past, { ...settings, ...changed }).id).not.toBe(fitModel(past, settings).id)
  })

  test('has clusters of each horizon, and gives the longer one its share of alerts', () => {
    const [minute, stretch] = fitModel(past, settings).horizons
    expect([minute!.minutes, stretch!.minutes]).toEqual(HORIZONS)
    expect([minute!.lent, stretch!.lent]).toEqual(
      [2, 2 * PARAMETERS.longShare].map((rate) => Math.ceil((rate * 1_500) / 381)),
    )
  })

  test('is not made without a minute', () => {
    expect(() => fitModel(pastOf([]), settings)).toThrow('no minutes to fit a model to')
  })
})
