import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conductOnce } from '#lab/conduct/run.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { simulated as simulatedWorld } from '#lab/world/simulated/world.ts';

type Options = Parameters<typeof simulatedWorld>[0] & { readonly signal?: AbortSignal };

/** Simulates an experiment in a folder; resolves with both the folder and the result. */
export async function simulated(file: ExperimentFile, folder: string, { signal, ...options }: Options = {}) {
  const result = await conductOnce({
    ...{ file, folder, world: simulatedWorld(options) },
    commandOf: () => 'test',
    signal: signal ?? new AbortController().signal,
    onProgress() {},
  });
  return { folder, result };
}

/**
 * Files of a folder with their contents. Leaves out the first record of a run, which holds names and times, and the
 * checksum over it.
 */
export function evidenceIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.\w+$/.test(file),
  );
  const contents = files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return [
      file,
      file === 'evidence.ndjson' ? text.slice(text.indexOf('\n')).replace(/"checksum":"\w+"/, '') : text,
    ];
  });
  return Object.fromEntries(contents);
}
