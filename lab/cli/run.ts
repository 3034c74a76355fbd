import { mkdirSync } from 'node:fs';
import { systemClock, wallTime } from '#kit/clock.ts';
import { repeating, roundOf } from '#lab/analysis/analyse.ts';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { exitCodes, exitLine, worstOf } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { roundFolder } from '#lab/evidence/format.ts';
import type { Instead } from '#lab/experiment/check.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import type { Result } from '#lab/result/result.ts';
import { type RunOptions, run } from '#lab/runner/run.ts';
import { headOf, RunLog } from '#lab/runner/run-log.ts';
import { atFullSpeedOnly, engines, unsupported } from '#lab/testbed/engines.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { tooFewFiles } from '#lab/testbed/process/proc.ts';
import type { Engine, EngineName, EngineOptions } from '#lab/testbed/testbed.ts';
import { interruptSignal } from './interrupt.ts';
import { openFile } from './open.ts';
import { clear, lineTo, progressTo } from './progress.ts';
import { createRunFolder, type Output, publish, tryRunFolder, writeResult } from './run-folder.ts';
import { warn } from './validate.ts';

interface RunCommandOptions {
  readonly out: string;
  readonly seed?: number;
  readonly repeat?: number;
  readonly slowMotion?: number | 'auto';
  readonly capacity?: number;
  readonly withoutFaults?: boolean;
  readonly only?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly open?: boolean;
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
  const unsuited = (experiment: Experiment) => [
    ...unsupported(tooSlow ? { ...experiment, slowMotion: 1 } : experiment, engine),
    ...inVain(experiment, options),
    ...starved(experiment, engine),
  ];
  const { files, problems } = readEach(paths, insteadOf(options), unsuited, options.only);
  if (options.engine !== 'attach' && (options.url || options.ownConsumer))
    problems.unshift('expected --engine attach beside --url or --own-consumer');
  if (tooSlow) problems.unshift(tooSlow);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  const output = outputOf(options);
  if (output !== 'quiet') warn(files);
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
      onProgress: isSilent(output) ? () => undefined : progressTo(process.stderr, output),
      signal,
    });
    if (!isSilent(output) && process.stderr.isTTY) clear(process.stderr);
    const report = await publish(folder, result, output);
    const unopened = options.open ? await openFile(report) : undefined;
    if (unopened !== undefined) process.stderr.write(`cannot open the report: ${unopened}\n`);
    codes.push(result.exitCode);
  }
  const code = worstOf(codes);
  if (!isSilent(output)) process.stdout.write(`${exitLine(code)}\n`);
  return code;
}

function outputOf({ json, quiet, verbose }: RunCommandOptions): Output {
  if (json) return 'json';
  if (quiet) return 'quiet';
  return verbose ? 'verbose' : 'normal';
}

const isSilent = (output: Output): output is 'quiet' | 'json' => output === 'quiet' || output === 'json';

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
export function commandOf(
  file: ExperimentFile,
  { seed, repeat }: Experiment,
  options: RunCommandOptions,
): string {
  const isSaid = options.repeat !== undefined || file.experiment.repeat > 1;
  const rounds = isSaid ? ['--repeat', String(repeat)] : [];
  return commandLine(['run', file.file, '--seed', String(seed), ...rounds, ...flagsOf(options)]);
}

/** Returns the flags needed to repeat a run. */
function flagsOf(options: RunCommandOptions) {
  const { slowMotion, capacity, withoutFaults, only, engine, url, ownConsumer } = options;
  const flags = {
    '--slow-motion': slowMotion === 'auto' ? undefined : slowMotion,
    '--capacity': capacity,
    '--without-faults': withoutFaults,
    '--only': only?.join(','),
    '--engine': engine === 'local' ? undefined : engine,
    '--own-consumer': ownConsumer,
  };
  const given = Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined) return [];
    return value === true ? [flag] : [flag, String(value)];
  });
  return [...given, ...Object.entries(url ?? {}).flatMap(([part, at]) => ['--url', `${part}=${at}`])];
}

interface RepeatOptions extends Omit<RunOptions, 'command' | 'turn'> {
  /** The command that runs the experiment, or one round of it, again. */
  readonly commandOf: (experiment: Experiment) => string;
}

/**
 * Runs an experiment in rounds, each with its own seed and testbed, in `rounds/<seed>` of the folder. Each round begins with
 * the next variant, so that effects of the order are spread over all. A round that ends early is the last. Rejects with
 * TestbedError like `writeResult`.
 */
export async function repeat(
  file: ExperimentFile,
  { commandOf, ...options }: RepeatOptions,
): Promise<Result> {
  const { experiment } = file;
  const { clock = systemClock, folder, onProgress } = options;
  if (experiment.repeat === 1) return run(file, { ...options, command: commandOf(experiment) });
  const command = commandOf(experiment);
  const log = new RunLog(folder, clock);
  const head = headOf(file, { ...options, command });
  log.add(head);
  const rounds: Result[] = [];
  let { capacity, pace } = options;
  for (const [index, seed] of seedsOf(experiment).entries()) {
    log.add({ record: 'round', seed, atMs: log.elapsedMs });
    const one = roundOf(file, seed);
    const round = { seed, index, of: experiment.repeat };
    const own = roundFolder(folder, seed);
    mkdirSync(own, { recursive: true });
    const result = await run(one, {
      ...options,
      capacity,
      pace,
      turn: index,
      machine: head.machine, // its load average would be that of the rounds before
      folder: own,
      command: commandOf(one.experiment),
      onProgress: (progress) => onProgress({ ...progress, round }),
    });
    await writeResult(own, result);
    rounds.push(result);
    // All rounds get the same load and the same pace.
    capacity ??= result.capacity?.perSecond;
    pace ??= result.slowMotion;
    if (result.errors.length > 0) break;
  }
  const durationMs = log.end(options.signal);
  log.close();
  return overRounds(rounds, { command: repeating(command, rounds[0]!), durationMs });
}
