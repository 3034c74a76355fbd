import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engines } from '#lab/engine/engines.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { run } from '#lab/run/run.ts';

/** The variants of an experiment, given as text, on processes of this machine. Rejects when the run ends early. */
export async function oneRun(source: string): Promise<readonly VariantResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  try {
    const file = {
      experiment: parseExperiment(source, 'bench.yaml'),
      name: 'bench',
      file: 'bench.yaml',
      source,
    };
    const { errors, variants } = await run(file, {
      folder,
      command: 'bench',
      startTestbed: engines.local({ urls: {}, ownConsumer: false }).start,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
    return variants;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
