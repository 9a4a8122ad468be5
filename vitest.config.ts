import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests that start programs: the bot itself, the operator's verbs, a MariaDB, a Chromium, an OpenSearch. */
export const E2E = [
  'tests/e2e/**/*.test.ts',
  'tests/cli/**/*.test.ts',
  'tests/pipeline/store/**/*.test.ts',
  'tests/pipeline/search-sink/{sink,outage}.test.ts',
  'tests/pipeline/topic/broker.test.ts',
  'tests/pipeline/sources/bridge/**/*.test.ts',
  'tests/bot/deliver/refusals.test.ts',
  'tests/sandbox/page.test.ts',
  'tests/support/system.test.ts',
  'tests/deploy/**/*.test.ts',
]

/**
 * Tests that talk to a server on 127.0.0.1 in their own process (the local Discord, or an exchange's double), that draw
 * pictures, or that run through whole sessions of the simulated market.
 */
export const INTEGRATION = [
  'tests/sandbox/**/*.test.ts',
  'tests/commands/**/*.test.ts',
  'tests/bot/{deliver,discord,interaction}/**/*.test.ts',
  'tests/bot/charts/{canvas,quickchart}.test.ts',
  'tests/pipeline/sources/*/**/*.test.ts',
  'tests/pipeline/feed/{watch,outage}.test.ts',
  'tests/pipeline/calendar/{closed-days,years-end}.test.ts',
  'tests/pipeline/bars/**/*.test.ts',
  'tests/pipeline/bars-file/read.test.ts',
  'tests/async/**/*.test.ts',
]

export default defineConfig({
  test: {
    setupFiles: ['tests/support/seed.ts'],
    // Most tests take less than a second; a busy machine is many times as slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A message over a socket arrives when a busy machine gets to it; the default is a second.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Most of the time is waiting for sockets and child processes, so a small machine bears more than one file a core.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    coverage: { include: ['src/**/*.ts', 'commands/**/*.ts'], reporter: ['text', 'html'] },
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/**/*.test.ts'], exclude: [...INTEGRATION, ...E2E] } },
      { extends: true, test: { name: 'integration', include: INTEGRATION, exclude: E2E } },
      // Installs a MariaDB, a Chromium and a Java where it can, and says what is missing.
      { extends: true, test: { name: 'e2e', include: E2E, globalSetup: ['tests/support/global-setup.ts'] } },
    ],
  },
})
