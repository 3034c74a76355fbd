import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { conduct } from '#lab/conduct/conduct.ts';
import type { Plan } from '#lab/conduct/plan.ts';
import { createRunFolder, tryRunFolder, writeResult } from '#lab/conduct/run-folder.ts';
import { exitCodes, exitLine, worstOf } from '#lab/experiment/errors/exit-codes.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { printable } from '#lab/experiment/text/printable.ts';
import type { Result } from '#lab/result/result.ts';
import { paperOf } from '#lab/show/terminal/paper.ts';
import { type Detail, renderTable } from '#lab/show/terminal/table.ts';
import type { World } from '#lab/world/world.ts';
import { interruptSignal, skipping, stopping } from './interrupt.ts';
import type { Repeater } from './options.ts';
import { clear, lineTo, progressTo } from './progress.ts';
import { warn } from './warnings.ts';

/** Options of all commands that conduct experiments. */
interface Options {
  readonly out: string;
  readonly repeat?: number | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  readonly verbose?: true | undefined;
}

interface Conducting extends Pick<Plan, 'world' | 'withoutFaults' | 'predict'> {
  readonly lineOf: Repeater;
}

/** Form in which a result is printed. */
type Output = Detail | 'json';

/** Conducts experiments one after another, and prints and writes their results. Returns the worst exit code. */
export async function conductFiles(
  files: readonly ExperimentFile[],
  options: Options,
  { lineOf, ...asked }: Conducting,
): Promise<number> {
  const output = outputOf(options);
  const isSilent = output === 'quiet' || output === 'json';
  const { stderr } = process;
  if (output !== 'quiet') warn(files);
  for (const { name, experiment } of files) tryRunFolder(options.out, name, experiment.seed, wallTime());
  let isSimulating = false;
  const signal = interruptSignal(lineTo(stderr), () => (isSimulating ? skipping : stopping));
  const codes: number[] = [];
  for (const [index, file] of files.entries()) {
    if (signal.aborted) {
      stderr.write(
        `Interrupted before ${files
          .slice(index)
          .map((each) => each.file)
          .join(', ')}\n`,
      );
      codes.push(exitCodes.interrupted);
      break;
    }
    const folder = createRunFolder(options.out, file.name, file.experiment.seed, wallTime());
    const isRepeated = options.repeat !== undefined || file.experiment.repeat > 1;
    const show = isSilent ? () => undefined : progressIn(asked.world, output);
    const result = await conduct({
      ...{ file, folder, signal, ...asked },
      commandOf: ({ seed, repeat }) => lineOf(file.file, { seed, repeat: isRepeated ? repeat : undefined }),
      onProgress(progress) {
        isSimulating = progress.stage === 'prediction';
        show(progress);
      },
    });
    isSimulating = false;
    if (!isSilent && stderr.isTTY) clear(stderr);
    await publish(folder, result, output);
    codes.push(result.exitCode);
  }
  const code = worstOf(codes);
  if (!isSilent) process.stdout.write(`${exitLine(code)}\n`);
  return code;
}

/** Shows the progress of a run. Of a simulation it shows only the ends of variants, since other stages take under a second. */
function progressIn({ isSimulated }: World, detail: 'normal' | 'verbose'): Plan['onProgress'] {
  if (!isSimulated) return progressTo(process.stderr, detail);
  const show = progressTo(process.stderr, detail, 'simulating');
  return (progress) => progress.stage === 'complete' && show(progress);
}

function outputOf({ json, quiet, verbose }: Options): Output {
  if (json) return 'json';
  if (quiet) return 'quiet';
  return verbose ? 'verbose' : 'normal';
}

/**
 * Prints a result, and writes it into the folder of its run. Rejects with TestbedError if the files can't be written.
 */
export async function publish(folder: string, result: Result, output: Output): Promise<void> {
  const shown = printable(result);
  const gap = output === 'quiet' ? '' : '\n';
  // Printed before the files are written, since a full disk prevents only writing.
  process.stdout.write(
    output === 'json'
      ? `${JSON.stringify({ folder, ...shown })}\n`
      : `${gap}${renderTable(shown, paperOf(process.stdout), output)}\n`,
  );
  await writeResult(folder, result);
  if (output !== 'json') process.stdout.write(`${gap}Report: ${join(folder, 'report.html')}\n`);
}
