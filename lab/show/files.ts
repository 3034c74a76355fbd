import { join } from 'node:path';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { figuresCsv } from './csv.ts';
import { renderJunit } from './junit.ts';
import { renderReport } from './report.ts';

/** Name of the file in a run's folder that holds its result. */
export const resultFile = 'result.json';

/** Renderers by the name of the file that each writes into the folder of a run. */
const renderers: Readonly<Record<string, (result: Result) => string>> = {
  [resultFile]: (result) => `${JSON.stringify(result)}\n`,
  'figures.csv': ({ figures }) => figuresCsv(figures),
  'junit.xml': renderJunit,
  'report.html': renderReport,
};

/**
 * Writes a result in all formats into a folder. Each file is written completely or left as it was. Rejects with
 * TestbedError.
 */
export async function writeResult(folder: string, result: Result): Promise<void> {
  for (const [file, render] of Object.entries(renderers))
    await writeWhole(join(folder, file), render(result));
}
