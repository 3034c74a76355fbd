import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SimulateOptions, simulate } from '#lab/conduct/simulate.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';

/** Simulates an experiment in a folder; resolves with both the folder and the result. */
export async function simulated(
  file: ExperimentFile,
  folder: string,
  options: Partial<Pick<SimulateOptions, 'overheads' | 'signal' | 'idleMaxMs'>> = {},
) {
  const { signal } = new AbortController();
  const result = await simulate(file, { folder, command: 'test', signal, onProgress() {}, ...options });
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
