import type { CentersView } from '../../../src/pipeline/views/views.ts'
import { MONDAY_OPEN, seeded, stockOf } from '../../support/bars.ts'

/** A heavy-tailed cloud in k rings: each cluster ten times rarer and farther out than the one before. */
export const centersOf = ({
  k,
  points: count = 400,
  features = 'model',
  seed = 9,
}: {
  k: number
  points?: number
  features?: 'model' | 'seed'
  seed?: number
}): CentersView => {
  const random = seeded(seed)
  const axes: [string, string] = features === 'seed' ? ['per_price', 'per_volume'] : ['move', 'multiple']
  const points = Array.from({ length: count }, (_, i) => {
    const cluster = Math.min(k - 1, Math.floor(-Math.log10(1 - random() * 0.9999)))
    const sign = random() < 0.5 ? -1 : 1
    const x = sign * (features === 'seed' ? 0.05 + random() : random() * 2) * 3 ** cluster
    const y =
      features === 'seed' ? Math.max(-100, (random() - 0.2) * 400 * 30 ** cluster) : random() * (1 + 2 * cluster)
    return { x, y, cluster, openTime: MONDAY_OPEN + i * 60_000 }
  })
  const clusters = Array.from({ length: k }, (_, i) => {
    const members = points.filter((point) => point.cluster === i)
    const mean = (pick: (point: (typeof members)[number]) => number) =>
      members.reduce((sum, point) => sum + pick(point), 0) / Math.max(1, members.length)
    return {
      size: members.length,
      abnormal: i >= k - (k > 2 ? 2 : 1),
      center: { [axes[0]]: mean(({ x }) => (features === 'seed' ? x : Math.abs(x))), [axes[1]]: mean(({ y }) => y) },
    }
  })
  return {
    kind: 'centers',
    stock: stockOf({ provenance: { kind: 'simulated' } }),
    k,
    features,
    judging: true,
    axes,
    clusters,
    points,
    star: points.find(({ cluster }) => cluster === k - 1) ?? null,
    rows: count,
    cutoff: MONDAY_OPEN + count * 60_000,
    trainedAt: MONDAY_OPEN,
    thresholds:
      features === 'seed'
        ? []
        : [
            {
              minutes: 1,
              abnormal: [0, 1, 10, 100].map((multiple) => ({ multiple, movePercent: 3 / (1 + Math.log1p(multiple)) })),
              alert: [0, 1, 10, 100].map((multiple) => ({ multiple, movePercent: 6 / (1 + Math.log1p(multiple)) })),
            },
          ],
    noisePerSession: null,
    inertia: 1,
  }
}
