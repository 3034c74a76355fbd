import { join } from 'node:path';
import { writeWhole } from '#lab/evidence/whole-file.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { renderJunit } from './junit.ts';
import { renderReport } from './report.ts';

/** Name of the file in a run's folder that holds its result. */
export const resultFile = 'result.json';

/**
 * Writes `result.json`, `report.html` and `junit.xml`. Each file is written completely or left as it was. Rejects with
 * TestbedError.
 */
export async function writeResult(folder: string, result: Result): Promise<void> {
  await writeWhole(join(folder, resultFile), `${JSON.stringify(result)}\n`);
  await writeWhole(join(folder, 'junit.xml'), renderJunit(result));
  await writeWhole(join(folder, 'report.html'), renderReport(result));
}
