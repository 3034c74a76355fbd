import { wallTime } from '#kit/clock.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { type ExperimentFile, readExperiment } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { describeCapacity, describeMeasured, digits, doubtOf } from '#lab/report/conditions.ts';
import { paperOf, wrap } from '#lab/report/terminal/paper.ts';
import type { Result } from '#lab/result/result.ts';
import { run } from '#lab/runner/run.ts';
import { engines } from '#lab/testbed/engines.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { plain } from '#lab/text/format.ts';
import { interruptSignal } from './interrupt.ts';
import { clear, lineTo, progressTo } from './progress.ts';
import { createRunFolder } from './run-folder.ts';

interface CalibrateOptions {
  readonly out: string;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Measures the capacity of an experiment's dependency under a timeout, and prints it. Returns the exit code. */
export async function calibrateCommand(path: string, options: CalibrateOptions): Promise<number> {
  const file = readExperiment(path);
  const capacity = wantedOf(file, options);
  const folder = createRunFolder(options.out, `${file.name}-capacity`, file.experiment.seed, wallTime());
  const result = await run(
    { ...file, experiment: { ...file.experiment, capacity, variants: {} } },
    {
      folder,
      command: commandLine(['calibrate', path]),
      startTestbed: engines.local({ urls: {}, ownConsumer: false }).start,
      onProgress: options.json ? () => undefined : progressTo(process.stderr, 'verbose'),
      signal: interruptSignal(lineTo(process.stderr)),
    },
  );
  if (!options.json && process.stderr.isTTY) clear(process.stderr);
  process.stdout.write(options.json ? jsonOf(result) : textOf(result, path, file.experiment));
  return result.exitCode;
}

/** First rate to try, in attempts per second, if the experiment has no nominal rate. */
const anyPerSecond = 100;

/** Returns the timeout and the first rate for measuring the capacity. Throws InputError if there is no timeout. */
export function wantedOf({ experiment, file }: ExperimentFile, { timeout }: CalibrateOptions) {
  const { capacity } = experiment;
  const timeoutMs = timeout ?? capacity?.timeoutMs;
  if (timeoutMs === undefined)
    throw new InputError(
      `${file}: expected capacity: { nominalPerSecond, timeoutMs } in the experiment, or --timeout <ms>`,
    );
  return { timeoutMs, nominalPerSecond: capacity?.nominalPerSecond ?? anyPerSecond };
}

const jsonOf = ({ status, exitCode, capacity, errors, validity }: Result): string =>
  `${JSON.stringify({ status, exitCode, capacity: capacity ?? null, errors, validity })}\n`;

/** Describes a measured capacity, and how to use it. */
export function textOf(
  { capacity, errors, validity }: Pick<Result, 'capacity' | 'errors' | 'validity'>,
  path: string,
  experiment: Pick<Experiment, 'capacity'>,
): string {
  const doubt = doubtOf(validity);
  const isMeantFor = experiment.capacity?.timeoutMs === capacity?.timeoutMs;
  const { width } = paperOf(process.stdout);
  const lines = [
    ...validity.map(({ finding, meaning, remedy }) => `⚠ ${finding}. ${meaning} ${remedy}`),
    ...errors.map(({ message }) => `✗ ${message}`),
  ].flatMap((text) => wrap(text, width, '  '));
  if (capacity) {
    const { perSecond, timeoutMs } = capacity;
    const field = `capacity: { nominalPerSecond: ${digits(perSecond)}, timeoutMs: ${timeoutMs} }`;
    const use = isMeantFor
      ? `Run with it: ${commandLine(['run', path, '--capacity', digits(perSecond)])}`
      : `For loads relative to it: ${field} in the experiment`;
    lines.push(isMeantFor ? describeCapacity(capacity) : describeMeasured(capacity), doubt ?? use);
  }
  return plain(`${lines.join('\n')}\n`);
}
