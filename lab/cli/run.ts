import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { exitCodes, worstOf } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import type { Instead } from '#lab/experiment/check.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { paperOf } from '#lab/report/terminal/paper.ts';
import { renderTable } from '#lab/report/terminal/table.ts';
import { atFullSpeedOnly, engines, unsupported } from '#lab/testbed/engines.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { tooFewFiles } from '#lab/testbed/process/proc.ts';
import type { Engine, EngineName, EngineOptions } from '#lab/testbed/testbed.ts';
import { interruptSignal } from './interrupt.ts';
import { lineTo, progressTo } from './progress.ts';
import { repeat } from './repeat.ts';
import { createRunFolder, tryRunFolder, writeResult } from './run-folder.ts';
import { warn } from './validate.ts';

interface RunCommandOptions {
  readonly out: string;
  readonly seed?: number;
  readonly repeat?: number;
  readonly slowMotion?: number | 'auto';
  readonly capacity?: number;
  readonly withoutFaults?: boolean;
  readonly json?: boolean;
  readonly engine: EngineName;
  readonly url?: EngineOptions['urls'];
  readonly ownConsumer?: boolean;
}

/** Runs experiments one after another; all files are checked before the first one starts. Returns the exit code. */
export async function runCommand(paths: readonly string[], options: RunCommandOptions): Promise<number> {
  const engine = engines[options.engine]({
    urls: options.url ?? {},
    ownConsumer: options.ownConsumer ?? false,
    controlToken: process.env.SPILLWAY_CONTROL_TOKEN,
    natsCredentials: process.env.SPILLWAY_NATS_CREDENTIALS,
  });
  const tooSlow = slowMotionFlag(options, engine);
  const { files, problems } = readEach(paths, insteadOf(options), (experiment) => [
    ...unsupported(tooSlow ? { ...experiment, slowMotion: 1 } : experiment, engine),
    ...inVain(experiment, options),
    ...starved(experiment, engine),
  ]);
  if (options.engine !== 'attach' && (options.url || options.ownConsumer))
    problems.unshift('expected --engine attach beside --url or --own-consumer');
  if (tooSlow) problems.unshift(tooSlow);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  warn(files);
  for (const { name, experiment } of files) tryRunFolder(options.out, name, experiment.seed, wallTime());
  const signal = interruptSignal(lineTo(process.stderr));
  const codes: number[] = [];
  for (const [index, file] of files.entries()) {
    if (signal.aborted) {
      const rest = files.slice(index).map((each) => each.file);
      process.stderr.write(`Interrupted before ${rest.join(', ')}\n`);
      codes.push(exitCodes.interrupted);
      break;
    }
    const { seed } = file.experiment;
    const folder = createRunFolder(options.out, file.name, seed, wallTime());
    const result = await repeat(file, {
      folder,
      commandOf: (experiment) => commandOf(file, experiment, options),
      capacity: options.capacity,
      withoutFaults: options.withoutFaults,
      startTestbed: engine.start,
      onProgress: options.json ? () => undefined : progressTo(process.stderr),
      signal,
    });
    // Before the files, since this works on a full disk.
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ folder, ...result })}\n`
        : `\n${renderTable(result, paperOf(process.stdout))}\n`,
    );
    await writeResult(folder, result);
    if (!options.json) process.stdout.write(`\nReport: ${join(folder, 'report.html')}\n`);
    codes.push(result.exitCode);
  }
  return worstOf(codes);
}

const insteadOf = ({ seed, repeat, slowMotion }: RunCommandOptions): Instead =>
  Object.fromEntries(Object.entries({ seed, repeat, slowMotion }).filter(([, value]) => value !== undefined));

/** Reports flags that have no effect. */
const inVain = ({ capacity, faults }: Experiment, flags: RunCommandOptions): LocatedProblem[] => [
  ...(flags.capacity !== undefined && !capacity
    ? [{ pointer: '', message: 'expected capacity: { nominalPerSecond, timeoutMs } beside --capacity' }]
    : []),
  ...(flags.withoutFaults && faults.length === 0
    ? [{ pointer: '', message: 'expected faults beside --without-faults' }]
    : []),
];

/** Reports a factor given by flag that the engine can't have. */
function slowMotionFlag({ slowMotion = 1 }: RunCommandOptions, engine: Engine): string | undefined {
  const reason = slowMotion === 1 ? undefined : atFullSpeedOnly(engine);
  return reason && `--slow-motion ${slowMotion}: expected 1, since ${reason}`;
}

/** Reports if the limit of open files is too low for the connections of the experiment. */
function starved({ connections, replicas }: Experiment, { name }: Engine): LocatedProblem[] {
  // A foreign service gets connections only as needed.
  if (name === 'attach') return [];
  const message = tooFewFiles(connections * Math.max(replicas.gateway, replicas.publisher));
  return message === undefined ? [] : [{ pointer: '/connections', elsewhere: '', message }];
}

/** Returns the command that repeats this run, regardless of changes to the file's seed and rounds. */
function commandOf(file: ExperimentFile, { seed, repeat }: Experiment, options: RunCommandOptions): string {
  const isSaid = options.repeat !== undefined || file.experiment.repeat > 1;
  const rounds = isSaid ? ['--repeat', String(repeat)] : [];
  return commandLine(['run', file.file, '--seed', String(seed), ...rounds, ...flagsOf(options)]);
}

/** Returns the flags needed to repeat a run. */
function flagsOf({
  slowMotion,
  capacity,
  withoutFaults,
  engine,
  url = {},
  ownConsumer,
}: RunCommandOptions): string[] {
  return [
    ...(slowMotion === undefined || slowMotion === 'auto' ? [] : ['--slow-motion', String(slowMotion)]),
    ...(capacity === undefined ? [] : ['--capacity', String(capacity)]),
    ...(withoutFaults ? ['--without-faults'] : []),
    ...(engine === 'local' ? [] : ['--engine', engine]),
    ...Object.entries(url).flatMap(([part, at]) => ['--url', `${part}=${at}`]),
    ...(ownConsumer ? ['--own-consumer'] : []),
  ];
}
