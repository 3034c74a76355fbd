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
import type { Result } from '#lab/result/result.ts';
import type { Engine } from '#lab/testbed/engine.ts';
import { engines } from '#lab/testbed/engines.ts';
import type { EngineName, EngineOptions } from '#lab/testbed/options.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { tooFewFiles } from '#lab/testbed/process/open-files.ts';
import { atFullSpeedOnly, unsuited } from '#lab/testbed/suits.ts';
import { interruptSignal } from './interrupt.ts';
import { lineTo, progressTo } from './progress.ts';
import { repeat } from './repeat.ts';
import { createRunFolder, tryRunFolder, writeResult } from './run-folder.ts';
import { warn } from './warn.ts';

interface Options {
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
export async function runCommand(paths: readonly string[], options: Options): Promise<number> {
  const engine = engines[options.engine]({
    urls: options.url ?? {},
    ownConsumer: options.ownConsumer ?? false,
    controlToken: process.env.SPILLWAY_CONTROL_TOKEN,
    natsCredentials: process.env.SPILLWAY_NATS_CREDENTIALS,
  });
  const tooSlow = slowMotionFlag(options, engine);
  const { files, problems } = readEach(paths, insteadOf(options), (experiment) => [
    ...unsuited(tooSlow ? { ...experiment, slowMotion: 1 } : experiment, engine),
    ...inVain(experiment, options),
    ...starved(experiment, engine),
  ]);
  if (options.engine !== 'attach' && (options.url || options.ownConsumer))
    problems.unshift('expected --engine attach beside --url or --own-consumer');
  if (tooSlow) problems.unshift(tooSlow);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  warn(files);
  for (const { name, experiment } of files) tryRunFolder(options.out, name, experiment.seed, wallTime());
  const signal = interruptSignal(exitCodes.interrupted, lineTo(process.stderr));
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
    // First what needs no disk.
    process.stdout.write(options.json ? jsonOf(folder, result) : tableOf(result));
    await writeResult(folder, result);
    if (!options.json) process.stdout.write(`\nReport: ${join(folder, 'report.html')}\n`);
    codes.push(result.exitCode);
  }
  return worstOf(codes);
}

const insteadOf = ({ seed, repeat, slowMotion }: Options): Instead => ({
  ...(seed !== undefined && { seed }),
  ...(repeat !== undefined && { repeat }),
  ...(slowMotion !== undefined && { slowMotion }),
});

/** The flags that would change nothing, though whoever gave them thinks they do. */
const inVain = ({ capacity, faults }: Experiment, flags: Options): LocatedProblem[] => [
  ...(flags.capacity !== undefined && !capacity
    ? [{ pointer: '', message: 'expected capacity: { nominalPerSecond, timeoutMs } beside --capacity' }]
    : []),
  ...(flags.withoutFaults && faults.length === 0
    ? [{ pointer: '', message: 'expected faults beside --without-faults' }]
    : []),
];

/** Reports a factor given by flag that the engine can't have. */
function slowMotionFlag({ slowMotion = 1 }: Options, engine: Engine): string | undefined {
  const reason = slowMotion === 1 ? undefined : atFullSpeedOnly(engine);
  return reason && `--slow-motion ${slowMotion}: expected 1, since ${reason}`;
}

/** Reports if the limit of open files is too low for the connections of the experiment. */
function starved({ connections, replicas }: Experiment, { name }: Engine): LocatedProblem[] {
  // A service of the user's own gets connections only as it needs them.
  if (name === 'attach') return [];
  const message = tooFewFiles(connections * Math.max(replicas.gateway, replicas.publisher));
  return message === undefined ? [] : [{ pointer: '/connections', elsewhere: '', message }];
}

/** The command that runs exactly this again, whatever the file says. */
function commandOf(file: ExperimentFile, { seed, repeat }: Experiment, options: Options): string {
  const isSaid = options.repeat !== undefined || file.experiment.repeat > 1;
  const rounds = isSaid ? ['--repeat', String(repeat)] : [];
  return commandLine(['run', file.file, '--seed', String(seed), ...rounds, ...flagsOf(options)]);
}

/** What must be said again to repeat a run. */
function flagsOf({ slowMotion, capacity, withoutFaults, engine, url = {}, ownConsumer }: Options): string[] {
  return [
    ...(slowMotion === undefined || slowMotion === 'auto' ? [] : ['--slow-motion', String(slowMotion)]),
    ...(capacity === undefined ? [] : ['--capacity', String(capacity)]),
    ...(withoutFaults ? ['--without-faults'] : []),
    ...(engine === 'local' ? [] : ['--engine', engine]),
    ...Object.entries(url).flatMap(([part, at]) => ['--url', `${part}=${at}`]),
    ...(ownConsumer ? ['--own-consumer'] : []),
  ];
}

const jsonOf = (folder: string, result: Result): string => `${JSON.stringify({ folder, ...result })}\n`;

const tableOf = (result: Result): string => `\n${renderTable(result, paperOf(process.stdout))}\n`;
