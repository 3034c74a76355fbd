import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { startLocal } from '#lab/engine/local.ts';
import { exitCodes } from '#lab/exit-codes.ts';
import { readExperiments } from '#lab/experiment/read-all.ts';
import { createRunFolder, writeResult } from '#lab/folder.ts';
import { interruptSignal } from '#lab/interrupt.ts';
import { progressTo } from '#lab/progress.ts';
import { renderTable } from '#lab/report/table.ts';
import type { Result } from '#lab/result.ts';
import { run } from '#lab/run.ts';

interface Options {
  readonly out: string;
  readonly seed?: number;
  readonly json?: boolean;
}

/** Worst first: what a run of several files ends with. */
const gravity = [
  exitCodes.interrupted,
  exitCodes.internal,
  exitCodes.invalid,
  exitCodes.failed,
  exitCodes.held,
];

/** Runs experiments one after another; all files are checked before the first one starts. Returns the exit code. */
export async function runCommand(paths: readonly string[], options: Options): Promise<number> {
  const files = readExperiments(paths, options.seed);
  const signal = interruptSignal(exitCodes.interrupted);
  const codes: number[] = [];
  for (const file of files) {
    if (signal.aborted) break;
    const { seed } = file.experiment;
    const folder = createRunFolder(options.out, file.name, seed, wallTime());
    const result = await run(file, {
      folder,
      command: `spillway run ${file.file} --seed ${seed}`,
      startTestbed: (logFolder) => startLocal({ logFolder }),
      onProgress: options.json ? () => undefined : progressTo(process.stderr),
      signal,
    });
    await writeResult(folder, result);
    print(result, folder, options.json ?? false);
    codes.push(result.exitCode);
  }
  return gravity.find((code) => codes.includes(code)) ?? exitCodes.internal;
}

function print(result: Result, folder: string, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ folder, ...result })}\n`);
    return;
  }
  const { isTTY, columns } = process.stdout;
  const table = renderTable(result, {
    colour: isTTY === true && !process.env.NO_COLOR,
    width: columns ?? 100,
  });
  process.stdout.write(`\n${table}\n\nReport: ${join(folder, 'report.html')}\n`);
}
