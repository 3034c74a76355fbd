import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { run } from '#lab/runner/run.ts';
import { engines } from '#lab/testbed/engines.ts';
import type { Engine } from '#lab/testbed/testbed.ts';

/** The variants of an experiment, given as text, on processes of this machine. Rejects when the run ends early. */
export async function oneRun(source: string): Promise<readonly VariantResult[]> {
  const { errors, variants } = await runSource(source, engines.local({ urls: {}, ownConsumer: false }).start);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
  return variants;
}

/** Runs an experiment, given as text, and leaves nothing behind. */
export async function runSource(source: string, startTestbed: Engine['start']): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  try {
    const experiment = parseExperiment(source, 'bench.yaml');
    const file = { experiment, name: 'bench', file: 'bench.yaml', source };
    return await run(file, {
      folder,
      command: 'bench',
      startTestbed,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
