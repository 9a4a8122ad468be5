import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/seed.ts'],
    include: ['tests/**/*.test.ts'],
    // Most take less than a second; a busy machine is many times as slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What comes over a socket comes when a busy machine gets to it; the default is a second.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    // Most of the time is waiting for sockets and child processes, so a small machine bears more than one file a core.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
})
