import { afterAll } from 'vitest';
import type { Result } from '#lab/result/result.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import type { Replicas } from '#lab/topology/replicas.ts';
import { folders } from './folders.ts';
import { runText } from './run-text.ts';
import { TestbedPool } from './testbed-pool.ts';

/** Runs a file's experiments on testbeds that had other runs before, since to start one takes longer than most runs. */
export function pooledRuns(replicas?: Partial<Replicas>) {
  const newFolder = folders();
  const pool = new TestbedPool(() => startLocal({ logFolder: newFolder(), ...(replicas && { replicas }) }));
  afterAll(() => pool.stop());
  return (
    text: string,
    prepare: (testbed: Testbed) => void = () => undefined,
    folder = newFolder(),
  ): Promise<Result> =>
    pool.run((testbed) => {
      prepare(testbed);
      return runText(text, async () => testbed, { folder });
    });
}
