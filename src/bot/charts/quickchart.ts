import { setTimeout as wait } from 'node:timers/promises'
import type QuickChartModule from 'quickchart-js'
import type { Log } from '../../log.ts'
import type { Chart, Charts } from './charts.ts'
import { COLOR, PIXEL_RATIO } from './theme.ts'

export interface QuickChartOptions {
  /** Address of the service: `http://127.0.0.1:3400`, `https://quickchart.io`. Its path, if any, is used. */
  readonly url: string
  /** Draws the pictures that the service does not. */
  readonly fallback: Charts
  readonly log: Pick<Log, 'warn' | 'info'>
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 4_000
/** While the service fails it is asked only this often, so that not every post waits for it. */
const RETRY_MS = 60_000
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/**
 * Draws by a QuickChart service. If it fails, the fallback draws the same configuration, and the log says so once until
 * the service is back.
 */
export const createQuickChartCharts = ({ url, fallback, log, timeoutMs = TIMEOUT_MS }: QuickChartOptions): Charts => {
  const { protocol, host, pathname } = new URL(url)
  const scheme = protocol.slice(0, -1)
  const place = host + pathname.replace(/\/(chart\/?)?$/, '')
  let failing = false
  let askAgainAt = 0
  return {
    async png(chart) {
      if (failing && performance.now() < askAgainAt) return fallback.png(chart)
      try {
        const picture = await remote(chart, scheme, place, timeoutMs)
        if (failing) log.info({ quickchart: place }, 'QuickChart draws again')
        failing = false
        return picture
      } catch (error) {
        if (!failing)
          log.warn(
            { quickchart: place, reason: reasonOf(error) },
            'QuickChart failed; charts are drawn in process until it is back',
          )
        failing = true
        askAgainAt = performance.now() + RETRY_MS
        return fallback.png(chart)
      }
    },
  }
}

const remote = async (
  { config, width, height }: Chart,
  scheme: string,
  place: string,
  timeoutMs: number,
): Promise<Buffer> => {
  // Imported here so that only processes with a service load it. Its types describe the CommonJS build, but Node
  // imports the other one, whose default export is the class itself.
  const QuickChart = (await import('quickchart-js')).default as unknown as typeof QuickChartModule.default
  const request = new QuickChart()
    .setScheme(scheme)
    .setHost(place)
    .setVersion('4')
    .setFormat('png')
    .setWidth(width)
    .setHeight(height)
    .setDevicePixelRatio(PIXEL_RATIO)
    .setBackgroundColor(COLOR.background)
    .setConfig(config)
  const picture = await within(timeoutMs, request.toBinary())
  if (!isPng(picture, width * PIXEL_RATIO, height * PIXEL_RATIO))
    throw new Error(
      `expected a PNG of ${width * PIXEL_RATIO} × ${height * PIXEL_RATIO}, got ${picture.length} bytes of something else`,
    )
  return picture
}

/** The client has no timeout of its own. */
const within = async <T>(timeoutMs: number, answer: Promise<T>): Promise<T> => {
  const stop = new AbortController()
  const late = wait(timeoutMs, null, { signal: stop.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`)
  })
  late.catch(() => {})
  answer.catch(() => {})
  try {
    return await Promise.race([answer, late])
  } finally {
    stop.abort()
  }
}

/** Width and height are the first two fields of the first chunk. */
const isPng = (bytes: Buffer, width: number, height: number): boolean =>
  bytes.length > 24 &&
  bytes.subarray(0, 8).equals(PNG_SIGNATURE) &&
  bytes.readUInt32BE(16) === width &&
  bytes.readUInt32BE(20) === height

/** The client's message may contain a whole answer, so it is cut. */
const reasonOf = (error: unknown): string => {
  const message =
    error instanceof Error
      ? [error.message, error.cause instanceof Error ? error.cause.message : ''].join(' ').trim()
      : String(error)
  return message.replace(/\s+/g, ' ').slice(0, 200)
}
