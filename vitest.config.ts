import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

// Keeps files of Vitest and Chromium out of the user's home folder.
for (const kind of ['CACHE', 'CONFIG', 'DATA', 'STATE'])
  process.env[`XDG_${kind}_HOME`] = fileURLToPath(
    new URL(`node_modules/.cache/tests/${kind.toLowerCase()}`, import.meta.url),
  );
// The launcher sets the same folder, so that all processes and threads share their compiled code.
process.env.NODE_COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/spillway', import.meta.url));

/** Projects whose tests mostly wait for processes. They run together, in more workers than cores. */
const withProcesses = { maxWorkers: 3, sequence: { groupOrder: 2 } };

export default {
  test: {
    allowOnly: false,
    retry: 0,
    // Limits for what hangs. No test depends on them, so a slow or busy machine needs no longer ones.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: [fileURLToPath(new URL('test/reporter.ts', import.meta.url))],
    // Node imports the sources, and keeps their compiled code. Vite would transform them in each run. `vi.mock` can't be
    // used.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: 2, // by default vitest would use only one of two cores
    // Groups run in the order of `groupOrder`.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          pool: 'threads',
          isolate: false, // modules have no state, and loading them again takes longer than the tests
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/fixtures/own/*.test.ts'],
          pool: 'forks',
          execArgv: ['--disable-warning=ExperimentalWarning'], // of v8.queryObjects
          isolate: false,
          maxWorkers: 3, // more than cores, since many tests wait for a broker
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/system/*.test.ts'],
          pool: 'forks',
          isolate: false,
          maxConcurrency: 2, // low, since each concurrent test starts processes
          ...withProcesses,
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/system/package/*.test.ts'],
          pool: 'forks',
          ...withProcesses,
        },
      },
      {
        extends: true,
        test: {
          name: 'compose',
          include: ['test/system/compose/*.test.ts'],
          globalSetup: 'test/system/compose/set-up.ts',
          pool: 'forks',
          maxWorkers: 2, // since the tests mostly wait for containers
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 }, // alone, since starved containers become unhealthy
        },
      },
    ],
  },
} satisfies ViteUserConfig;
