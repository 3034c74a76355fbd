import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/result/result.ts';
import { run } from '#lab/runner/run.ts';
import type { Engine } from '#lab/testbed/testbed.ts';

/** Runs an experiment's file on a testbed of its own, and leaves nothing behind. Rejects when something broke. */
export async function runExperiment(file: string, startTestbed: Engine['start']): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  try {
    const result = await run(readExperiment(file), {
      folder,
      command: 'bench',
      startTestbed,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    for (const { message } of result.errors) throw new Error(message);
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
