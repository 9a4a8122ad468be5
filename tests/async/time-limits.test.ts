import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { withPatience } from '../../src/async/time-limits.ts'
import { RetryableError, SetupError } from '../../src/errors.ts'
import { createKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import { createNaverSource } from '../../src/pipeline/sources/naver/source.ts'
import { createDirectory } from '../../src/pipeline/stocks/directory.ts'
import { createStocks } from '../../src/pipeline/stocks/stocks.ts'
import { silent } from '../support/market.ts'
import { startNaverPeer } from '../support/naver-peer.ts'

const endless = async (signal: AbortSignal): Promise<never> => {
  await once(signal, 'abort')
  throw signal.reason
}

test('who has waited long enough is told that the source is slow; what else goes wrong stays what it is', async () => {
  await expect(withPatience(20, 'bridge', endless)).rejects.toThrow(RetryableError)
  await expect(withPatience(20, 'bridge', endless)).rejects.toThrow('bridge gave no answer within 0.02 s')
  const broken = new SetupError('no such table')
  await expect(withPatience(20, 'bridge', () => Promise.reject(broken))).rejects.toBe(broken)
  expect(await withPatience(20, 'bridge', async () => 'rows')).toBe('rows')
})

test('a stock that the venue is slow to look up is for time to heal', async () => {
  const peer = await startNaverPeer([])
  const source = createNaverSource({
    calendar: createKrxCalendar(),
    now: Date.now,
    log: silent,
    chartUrl: peer.url,
    mobileUrl: peer.url,
  })
  onTestFinished(async () => {
    await source.close()
    await peer.close()
  })
  peer.fail({ kind: 'slow' })
  const stocks = createStocks({ source, directory: createDirectory('krx') })
  await expect(stocks.resolve('005930')).rejects.toThrow(RetryableError)
})
