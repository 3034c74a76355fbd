import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { conduct } from '#lab/conduct/conduct.ts';
import type { Output, Plan } from '#lab/conduct/plan.ts';
import { createRunFolder, tryRunFolder } from '#lab/conduct/run-folder.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { withAdvice } from '#lab/explore/advice/advise.ts';
import { enrich } from '#lab/explore/enrich.ts';
import type { LineOf } from '#lab/explore/exploration.ts';
import { withPrediction } from '#lab/explore/prediction/with-prediction.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { exitCodes, exitLine, worstOf } from '#lab/kit/errors/exit-codes.ts';
import { printable } from '#lab/kit/text/printable.ts';
import { writeResult } from '#lab/show/files.ts';
import { paperOf } from '#lab/show/terminal/paper.ts';
import { type Detail, renderTable } from '#lab/show/terminal/table.ts';
import { interruptSignal } from './interrupt.ts';
import { clear, lineTo, linkTo } from './live.ts';
import { progressTo } from './progress.ts';
import { warn } from './warnings.ts';

interface Options {
  readonly out: string;
  readonly label?: string | undefined;
  readonly repeat?: number | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  readonly verbose?: true | undefined;
}

interface Conducting extends Pick<Plan, 'world' | 'withoutFaults' | 'rerun'> {
  /** True to simulate the experiment after it was conducted, and to compare the result with the simulations. */
  readonly predict?: boolean | undefined;
  readonly lineOf: LineOf;
}

type Form = Detail | 'json';

/** Conducts experiments one after another, and prints and writes their results. Returns the worst exit code. */
export async function conductFiles(
  files: readonly ExperimentFile[],
  options: Options,
  { lineOf, predict, ...asked }: Conducting,
): Promise<number> {
  const form = formOf(options);
  const isSilent = form === 'quiet' || form === 'json';
  const { stderr } = process;
  if (form !== 'quiet') warn(files);
  const { rerun } = asked;
  if (!rerun)
    for (const { name, experiment } of files) tryRunFolder(options.out, name, experiment.seed, wallTime());
  const signal = interruptSignal(lineTo(stderr));
  const codes: number[] = [];
  for (const [index, file] of files.entries()) {
    if (signal.aborted) {
      const rest = files.slice(index).map((each) => each.file);
      stderr.write(`Interrupted before ${rest.join(', ')}\n`);
      codes.push(exitCodes.interrupted);
      if (!isSilent) process.stdout.write(`${exitLine(worstOf(codes))}\n`);
      break;
    }
    const isRepeated = options.repeat !== undefined || file.experiment.repeat > 1;
    const { isSimulated, incomparable } = asked.world;
    const isPredicted = predict === true && incomparable === undefined;
    const shown = { isVerbose: form === 'verbose', isSimulated, isPredicted };
    const show = isSilent ? () => undefined : progressTo(stderr, shown);
    const folder = rerun?.folder ?? createRunFolder(options.out, file.name, file.experiment.seed, wallTime());
    const plan: Plan = {
      ...{ file, folder, signal, label: options.label, ...asked },
      output: outputIn(form, (result) => [
        ...(rerun && result.errors.length > 0 ? [`The result in ${rerun.folder} is left as it was.`] : []),
        ...(index === files.length - 1 ? [exitLine(worstOf([...codes, result.exitCode]))] : []),
      ]),
      commandOf: ({ seed, repeat }) => lineOf(file.file, { seed, repeat: isRepeated ? repeat : undefined }),
      onProgress: (progress) => signal.aborted || show(progress),
    };
    const steps = [...(predict ? [withPrediction] : []), ...(form === 'quiet' ? [] : [withAdvice])];
    const enriched = await enrich(plan, await conduct(plan), steps);
    await plan.output(enriched.folder, enriched.result, false);
    codes.push(enriched.result.exitCode);
  }
  return worstOf(codes);
}

export function formOf({ json, quiet, verbose }: Pick<Options, 'json' | 'quiet' | 'verbose'>): Form {
  if (json) return 'json';
  if (quiet) return 'quiet';
  return verbose ? 'verbose' : 'normal';
}

/**
 * Returns an output that prints the result of a run, and writes the files of all results. Between the result and the
 * path of its report it prints the lines of `ending`, unless the form is `quiet` or `json`.
 */
export const outputIn =
  (form: Form, ending: (result: Result) => readonly string[] = () => []): Output =>
  async (folder, result, isRound) => {
    if (isRound) return writeResult(folder, result);
    const shown = printable(result);
    const { stdout, stderr } = process;
    const gap = form === 'quiet' ? '' : '\n';
    if (gap && form !== 'json') clear(stderr);
    // Printed before the files are written, since a full disk prevents only writing.
    stdout.write(
      form === 'json'
        ? `${JSON.stringify({ folder, ...shown })}\n`
        : `${gap}${renderTable(shown, paperOf(stdout), form)}\n`,
    );
    await writeResult(folder, result);
    if (form === 'json') return;
    const lines = form === 'quiet' ? [] : ending(result);
    stdout.write(
      `${gap}${[...lines, `Report: ${linkTo(join(folder, 'report.html'), stdout)}`].join('\n')}\n`,
    );
  };
