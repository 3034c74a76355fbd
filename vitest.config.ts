import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { Tally } from './test/tally.ts';

// Vitest and Chromium would leave files of their own in the home folder of whoever runs the tests.
for (const kind of ['CACHE', 'CONFIG', 'DATA', 'STATE'])
  process.env[`XDG_${kind}_HOME`] = fileURLToPath(
    new URL(`node_modules/.cache/tests/${kind.toLowerCase()}`, import.meta.url),
  );

export default defineConfig({
  test: {
    allowOnly: false,
    retry: 0,
    teardownTimeout: 60_000,
    reporters: ['default', new Tally()],
    maxWorkers: 2, // of two cores vitest would leave one alone
    // One kind after the other, so that each has the machine to itself.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'threads',
          testTimeout: 60_000, // of their time all is virtual but the computing, which a busy machine stretches
          isolate: false, // they keep no state in modules, and loading these anew takes longer than the tests
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          pool: 'forks',
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          // As the launcher sets it: the processes that the tests start share what one has compiled.
          env: {
            NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/spillway', import.meta.url)),
          },
          include: ['test/system/*.test.ts'],
          pool: 'forks',
          isolate: false,
          maxWorkers: 3, // since they mostly wait for processes
          maxConcurrency: 2, // of the tests that are concurrent, each of which starts processes
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'layout',
          include: ['test/system/layout/*.test.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'compose',
          include: ['test/system/compose/*.test.ts'],
          globalSetup: 'test/system/compose/set-up.ts',
          pool: 'forks',
          maxWorkers: 2, // the same for containers
          testTimeout: 120_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
