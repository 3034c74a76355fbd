import { afterAll } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { startLocal } from '#lab/world/local/local.ts';
import type { Testbed } from '#lab/world/testbed.ts';
import { folders } from './folder.ts';
import { runText } from './run-text.ts';
import { TestbedPool } from './testbed-pool.ts';

interface Options extends NonNullable<Parameters<typeof runText>[2]> {
  /** Prepares the testbed for this run, or returns another testbed. */
  readonly on?: (testbed: Testbed) => Testbed | Promise<Testbed>;
  /** True if the testbed can be used again. Default: the run had no errors. */
  readonly isReusable?: (result: Result) => boolean;
}

/**
 * Returns a function that runs experiments of a test file on shared testbeds, since starting a testbed takes longer
 * than most runs. `local` configures the testbeds.
 */
export function pooledRuns(local: Omit<Parameters<typeof startLocal>[0], 'logFolder'> = {}) {
  const newFolder = folders();
  const pool = new TestbedPool(() => startLocal({ logFolder: newFolder(), ...local }));
  afterAll(() => pool.stop());
  const run = (
    text: string,
    { on = (testbed) => testbed, isReusable, folder = newFolder(), ...options }: Options = {},
  ): Promise<Result> =>
    pool.run(async (testbed) => {
      const used = await on(testbed);
      return runText(text, async () => used, { folder, ...options });
    }, isReusable);
  return Object.assign(run, { newFolder, stop: () => pool.stop() });
}
