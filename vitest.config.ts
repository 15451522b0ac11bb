import { defineConfig } from 'vitest/config';

/**
 * Three projects, run one group after another: a failing unit test shows before anything is started.
 * Integration and end-to-end files run one at a time: they share one Kafka, one Redis and one ClickHouse, and a two-core machine that runs
 * a broker and several services beside each other measures its own congestion.
 */
const SERVICES_SETUP = 'packages/testing/src/global-setup.ts';
const SETUP_OF_EACH_FILE = ['packages/testing/src/property-seed.ts'];

/** What is to come is waited for, not timed: vitest's own second is short on a machine that is busy. Below the time of a test, so that the failure says what was waited for. */
const waiting = (ms: number) => ({ poll: { timeout: ms } });

const INTEGRATION = [
  'packages/*/test/**/*.integration.test.ts',
  'services/*/test/**/*.integration.test.ts',
  'scripts/test/**/*.integration.test.ts',
];
const E2E = ['tests/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: SETUP_OF_EACH_FILE,
          include: [
            'proto/test/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'services/*/test/**/*.test.ts',
            'scripts/test/**/*.test.ts',
            'tests/bench/*/test/**/*.test.ts',
          ],
          exclude: [...INTEGRATION, '**/node_modules/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          expect: waiting(15_000),
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          setupFiles: SETUP_OF_EACH_FILE,
          include: INTEGRATION,
          globalSetup: SERVICES_SETUP,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          expect: waiting(30_000),
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          setupFiles: SETUP_OF_EACH_FILE,
          include: E2E,
          globalSetup: SERVICES_SETUP,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          expect: waiting(30_000),
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
