import { validate } from 'node-cron'
import { afterEach, describe, expect, test } from 'vitest'
import { RetryableError, SetupError } from '../../../../src/errors.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { toListing } from '../../../../src/pipeline/sources/kiwoom/rest/listings.ts'
import type { KiwoomMarket } from '../../../../src/pipeline/sources/kiwoom/source.ts'
import { listingsOf } from '../../../../src/pipeline/stocks/listings.ts'
import { openStore } from '../../../../src/pipeline/store/index.ts'
import { silent } from '../../../support/market.ts'
import { temporaryFolder } from '../../store/engines.ts'
import { setupContract, sourceContract } from '../contract.ts'
import { APP_KEY, closeAll, market, never, OPEN, SECRET_KEY, setup, stock } from './setup.ts'

afterEach(closeAll)

const NOON = OPEN + 180 * MINUTE + 20_000

const contractStand = async (keys: { appKey?: string } = {}) => {
  const s = await setup({ at: NOON, stocks: [...market(1), stock('038530', [], { market: 'KOSDAQ' })], source: keys })
  return {
    source: s.source,
    symbol: s.symbols[0]!,
    interval: { from: OPEN, to: OPEN + 60 * MINUTE },
    unknown: '999990',
    pass: (ms: number) => s.advance(s.now() + ms),
  }
}
sourceContract('kiwoom', contractStand)
setupContract('kiwoom with a wrong key', () => contractStand({ appKey: 'wrong' }))

describe('the source', () => {
  test('names the series by its market, and asks with the market behind the code', async () => {
    const s = await setup({ at: NOON, source: { market: 'AL' } })
    expect(s.source).toMatchObject({ name: 'kiwoom', series: 'kiwoom:AL', provenance: { kind: 'real' } })
    expect(validate(s.source.collectAt)).toBe(true)
    await s.live()
    expect(s.peer.live.registered()).toContain(`${s.symbols[0]}_AL`)
    const bars = await s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: OPEN + MINUTE }, never)
    expect(bars[0]).toMatchObject({ series: 'kiwoom:AL', symbol: s.symbols[0] })
    expect(s.peer.rest.requests.at(-1)!.body.stk_cd).toBe(`${s.symbols[0]}_AL`)
  })

  test('what the mock server tells is called simulated, and it has no Nextrade', async () => {
    const mock = await setup({ source: { restUrl: 'https://mockapi.kiwoom.com' } })
    expect(mock.source.provenance).toEqual({ kind: 'simulated' })
    const both = await setup({ source: { restUrl: 'https://mockapi.kiwoom.com', market: 'NX' } })
    await expect(both.source.open(never)).rejects.toThrow(SetupError)
  })

  test('opens although Kiwoom is down, and fails at once with a wrong key', async () => {
    const down = await setup({ at: NOON })
    down.peer.faults.odd.push({ apiId: 'au10001', status: 503, text: '<html>점검</html>' })
    await down.source.open(never)
    expect(down.lines).toMatchObject([
      { level: 'warn', text: 'kiwoom not reached at start, trying again with every pass' },
    ])
    const wrong = await setup({ at: NOON, source: { appKey: 'wrong' } })
    await expect(wrong.source.open(never)).rejects.toThrow(/does not accept the key \(8001\).*KIWOOM_APP_KEY/)
  })
})

describe('listings', () => {
  const folder = temporaryFolder()

  test('shares of both markets with their warnings, funds left out', async () => {
    const s = await setup({
      stocks: [
        stock('005930', [], { name: '삼성전자', nxt: true }),
        stock('038530', [], {
          name: '케이바이오랩스',
          market: 'KOSDAQ',
          auditInfo: '거래정지',
          state: '증거금100%|거래정지|관리종목',
        }),
        stock('0001A0', [], { name: '새종목', market: 'KOSDAQ', orderWarning: '5' }),
        stock('000660', [], { name: ' SK하이닉스 ', auditInfo: '단기과열', orderWarning: '3' }),
      ],
    })
    expect(await s.source.listings(never)).toEqual([
      { symbol: '0001A0', name: '새종목', nameEn: null, market: 'KOSDAQ', warnings: ['투자경고'], nxtTradable: false },
      {
        symbol: '000660',
        name: 'SK하이닉스',
        nameEn: null,
        market: 'KOSPI',
        warnings: ['단기과열'],
        nxtTradable: false,
      },
      { symbol: '005930', name: '삼성전자', nameEn: null, market: 'KOSPI', warnings: [], nxtTradable: true },
      {
        symbol: '038530',
        name: '케이바이오랩스',
        nameEn: null,
        market: 'KOSDAQ',
        warnings: ['거래정지', '관리종목'],
        nxtTradable: false,
      },
    ])
  })

  test("on Nextrade's series only what it trades", async () => {
    const s = await setup({
      stocks: [stock('005930', [], { nxt: true }), stock('000660', []), stock('038530', [], { market: 'KOSDAQ' })],
      source: { market: 'NX' },
    })
    expect((await s.source.listings(never)).map(({ symbol }) => symbol)).toEqual(['005930'])
  })

  test('offline, the last stored list serves; the series of Nextrade lists only Nextrade’s stocks', async () => {
    const stocks = [stock('005930', [], { nxt: true }), stock('000660', []), stock('038530', [], { market: 'KOSDAQ' })]
    const url = `sqlite:${folder.path}/listings.db`
    const offline = async (market: KiwoomMarket) => {
      const s = await setup({ stocks, source: { market } })
      const before = await openStore(url, { log: silent })
      const online = await listingsOf({ source: s.source, store: before, log: silent, now: s.now }, never)
      await before.close()
      await s.peer.close()
      const after = await openStore(url, { log: silent })
      const kept = await listingsOf({ source: s.begin(), store: after, log: silent, now: s.now }, never)
      await after.close()
      expect(kept).toEqual(online)
      return kept.map(({ symbol, nxtTradable }) => `${symbol} ${nxtTradable}`)
    }
    expect(await offline('KRX')).toEqual(['000660 false', '005930 true', '038530 false'])
    expect(await offline('NX')).toEqual(['005930 true'])
  })

  test('a refused list gives way to the last stored one; without one, the operator’s mistake is an error', async () => {
    const s = await setup({ stocks: [stock('005930', []), stock('038530', [], { market: 'KOSDAQ' })] })
    const store = await openStore('sqlite::memory:', { log: silent })
    const parts = { source: s.source, store, log: silent, now: s.now }
    const refusals = [
      { status: 200, code: 1999, message: '알 수 없는 오류' },
      { status: 403, text: '<html>점검</html>' },
    ] as const
    const refuse = (refusal: (typeof refusals)[number]) => s.peer.faults.odd.push({ apiId: 'ka10099', ...refusal })
    refuse(refusals[0])
    expect(await listingsOf(parts, never)).toEqual([]) // time may mend it
    refuse(refusals[1])
    await expect(listingsOf(parts, never)).rejects.toThrow("is not Kiwoom's REST service")
    const online = await listingsOf(parts, never)
    expect(online).toHaveLength(2)
    for (const refusal of refusals) {
      refuse(refusal)
      expect(await listingsOf(parts, never)).toEqual(online)
      expect(s.peer.faults.odd).toEqual([])
    }
    const enough = new Error('enough')
    await expect(listingsOf(parts, AbortSignal.abort(enough))).rejects.toBe(enough)
    await store.close()
  })

  test('a row that does not say whether Nextrade trades it leaves that open', () => {
    const row = { code: '005930', name: '삼성전자', marketCode: '0' }
    expect(
      [row, { ...row, nxtEnable: 'Y' }, { ...row, nxtEnable: 'N' }].map((one) => toListing(one)?.nxtTradable),
    ).toEqual([null, true, false])
  })

  test('a list without a stock does not empty the directory', async () => {
    const s = await setup({ stocks: [stock('005930', [])] })
    await expect(s.source.listings(never)).rejects.toThrow(RetryableError)
  })

  test.for([
    null,
    {},
    { code: '005930', marketCode: '0' },
    { code: 'KRX:1', name: 'x', marketCode: '0' },
    { code: '069500', name: 'x', marketCode: '8' },
  ])('%o is no listing', (row) => {
    expect(toListing(row)).toBeNull()
  })
})

describe('what doctor shows', () => {
  test('all well', async () => {
    const s = await setup({ at: NOON, stocks: market(1).map((one) => ({ ...one, symbol: '005930' })) })
    const findings = await s.source.check(never)
    expect(findings.map(({ ok }) => ok)).toEqual([true, true, true, true])
    expect(findings.map(({ message }) => message).join('\n')).toMatch(
      /good until 2026-11-28 12:00:20 KST[\s\S]*bars up to 2026-11-27 12:00:00[\s\S]*clock agrees[\s\S]*can be reached/,
    )
    // A login would have disconnected another program that uses the key.
    expect(s.peer.live.counts.logins).toBe(0)
  })

  test.for([
    [
      'a wrong key',
      { code: 3, message: '[8002:App Key와 Secret Key 검증에 실패했습니다]' },
      /does not accept the key \(8002\)/,
    ],
    ['the other environment', { code: 3, message: '[8030:투자구분이 달라서]' }, /other environment \(8030\)/],
    ['an address that is not allowed', { code: 3, message: '[8010:IP]' }, /internet address/],
    [
      'a revoked key',
      { status: 400, code: 3, message: '폐기된 키' },
      /issues no token: 폐기된 키; check KIWOOM_APP_KEY/,
    ],
    ['HTML', { text: '<html></html>' }, /HTML page instead of JSON/],
  ] as const)('%s is one sentence', async ([, odd, sentence]) => {
    const s = await setup({ at: NOON })
    s.peer.faults.odd.push({ apiId: 'au10001', ...odd })
    const findings = await s.source.check(never)
    expect(findings).toMatchObject([{ ok: false, message: expect.stringMatching(sentence) }])
    expect(findings[0]!.message).not.toMatch(/\n/)
  })

  test('a clock that is off, and a feed that cannot be reached', async () => {
    const s = await setup({
      at: NOON,
      skewMs: 20_000,
      stocks: market(1).map((one) => ({ ...one, symbol: '005930' })),
      source: { wsUrl: 'ws://127.0.0.1:1' },
    })
    const bad = (await s.source.check(never)).filter(({ ok }) => !ok).map(({ message }) => message)
    expect(bad[0]).toMatch(/clock is 20\.\d s ahead of Kiwoom's.*NTP/)
    expect(bad[1]).toMatch(/live feed at ws:\/\/127.0.0.1:1 cannot be reached.*KIWOOM_WS_URL/)
  })

  test('no secret in any of it', async () => {
    const s = await setup({ at: NOON })
    s.peer.faults.odd.push({ apiId: 'au10001', code: 3, message: `[8009:${APP_KEY}/${SECRET_KEY}]` })
    expect(JSON.stringify([await s.source.check(never), s.lines])).not.toContain('nobody-may-see')
  })
})
