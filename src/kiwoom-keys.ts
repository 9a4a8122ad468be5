/** An app key of Kiwoom with its secret key. One collector uses one. */
export interface KiwoomKey {
  readonly appKey: string
  readonly secretKey: string
}

interface Given {
  readonly ROLE?: string | undefined
  readonly KIWOOM_APP_KEY?: string | undefined
  readonly KIWOOM_SECRET_KEY?: string | undefined
}

/** The keys of the settings, which separate several by commas. */
export const kiwoomKeys = ({ KIWOOM_APP_KEY: apps = '', KIWOOM_SECRET_KEY: secrets = '' }: Given): KiwoomKey[] => {
  const secretKeys = listed(secrets)
  return listed(apps).map((appKey, at) => ({ appKey, secretKey: secretKeys[at] ?? '' }))
}

/** A sentence for each mistake in the settings of several keys. */
export const problemsOfKeys = ({ ROLE, KIWOOM_APP_KEY: apps, KIWOOM_SECRET_KEY: secrets }: Given): string[] => {
  if (apps === undefined || secrets === undefined) return []
  if (listed(apps).length !== listed(secrets).length)
    return ['KIWOOM_APP_KEY and KIWOOM_SECRET_KEY: expected as many of the one as of the other, separated by commas']
  if ((ROLE ?? 'all') === 'all' && listed(apps).length > 1)
    return ['KIWOOM_APP_KEY: several keys are for several collectors (ROLE=collector); one process uses one']
  return []
}

const listed = (text: string): string[] => text.split(',').map((part) => part.trim())
