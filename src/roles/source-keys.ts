import { createHash } from 'node:crypto'
import type { Config } from '../config.ts'
import { kiwoomKeys } from '../kiwoom-keys.ts'

/**
 * The settings of each key of the source by the name of its lease, which holds no secret and is the same on every
 * machine: as many collectors work as there are keys.
 */
export const sourceKeys = (
  config: Pick<Config, 'SOURCE' | 'KIWOOM_APP_KEY' | 'KIWOOM_SECRET_KEY'>,
): ReadonlyMap<string, Partial<Config>> => {
  const name = (key: string) => `collector:${config.SOURCE}:${key}`
  if (config.SOURCE !== 'kiwoom') return new Map([[name('only'), {}]])
  const hash = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 12)
  return new Map(
    kiwoomKeys(config).map(({ appKey, secretKey }) => [
      name(hash(appKey)),
      { KIWOOM_APP_KEY: appKey, KIWOOM_SECRET_KEY: secretKey },
    ]),
  )
}
