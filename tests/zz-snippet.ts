import { openSandbox } from '../src/sandbox/index.ts'
const sandbox = await openSandbox({ port: 0 })
sandbox.faults.rest({ method: 'POST', path: '/messages', times: 2, fault: { kind: 'status', status: 502, when: 'after' } })
sandbox.faults.rest({ fault: { kind: 'rate-limit', retryAfterMs: 2_000, global: true } })
sandbox.faults.cutGateway()
sandbox.faults.goOffline()
sandbox.faults.clear()
