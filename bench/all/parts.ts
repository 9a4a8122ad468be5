import type { Figure } from '../figures.ts'

/** A part of the table of `npm run bench -- all`: it measures some rows in a process of its own. */
interface Part {
  /** Names its rows in a few words. It is the only row if the part fails. */
  readonly says: string
  /** Longest time it may take, seconds. */
  readonly limitSeconds: number
  figures(full: boolean): Promise<readonly Figure[]> | readonly Figure[]
}

/** The parts in their order. A new one is a line here and a file that exports its figures. */
export const PARTS: Readonly<Record<string, Part>> = {
  size: {
    says: 'megabytes that npm ci installs',
    limitSeconds: 30,
    figures: async () => (await import('../install-size.ts')).installSizeFigures(),
  },
  market: {
    says: 'a minute of the whole market, and catching up',
    limitSeconds: 360,
    figures: async () => (await import('../whole-market.ts')).wholeMarketFigures(),
  },
  start: {
    says: 'start of the process → first answer',
    limitSeconds: 180,
    figures: async () => (await import('../start.ts')).startFigures(),
  },
  latency: {
    says: "a minute's last bar in → its alert received",
    limitSeconds: 180,
    figures: async () => [await (await import('../deliver.ts')).latencyFigure()],
  },
  outbreak: {
    says: 'an outbreak of 1,000 alerts',
    limitSeconds: 180,
    figures: async () => [await (await import('../deliver.ts')).outbreakFigure()],
  },
  charts: {
    says: 'charts',
    limitSeconds: 180,
    figures: async () => (await import('../charts.ts')).chartFigures(),
  },
  'training-2': {
    says: 'training beside scikit-learn, R and Spark, k = 2',
    limitSeconds: 180,
    figures: async () => (await import('../model-speed/training.ts')).trainingFigures([2], [2]),
  },
  'training-3': {
    says: 'training beside scikit-learn, R and Spark, k = 3',
    limitSeconds: 180,
    figures: async () => (await import('../model-speed/training.ts')).trainingFigures([2], [3]),
  },
  'training-4': {
    says: 'training beside scikit-learn, R and Spark, k = 4',
    limitSeconds: 180,
    figures: async () => (await import('../model-speed/training.ts')).trainingFigures([2], [4]),
  },
  search: {
    says: 'bars into OpenSearch',
    limitSeconds: 180,
    figures: async () => (await import('../search.ts')).searchFigures(3),
  },
  kafka: {
    says: 'bars over Kafka',
    limitSeconds: 180,
    figures: async () => (await import('../kafka.ts')).kafkaFigures(),
  },
  growth: {
    says: 'growth with stocks and sessions',
    limitSeconds: 600,
    figures: async (full) => (await import('../growth.ts')).growthFigures(full),
  },
  memory: {
    says: 'memory of 98 stocks',
    limitSeconds: 180,
    figures: async () => [await (await import('../history.ts')).memoryFigure()],
  },
  history: {
    says: "twenty sessions of a market: memory, the night's fitting, the open",
    limitSeconds: 900,
    figures: async () => (await import('../history.ts')).historyFigures(),
  },
}

/** Measures one part; called in its own process. */
export const measurePart = async (name: string, full: boolean): Promise<readonly Figure[]> => PARTS[name]!.figures(full)
