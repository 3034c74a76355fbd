import { mkdirSync } from 'node:fs';
import { systemClock, wallTime } from '#kit/clock.ts';
import { acquit } from '#lab/conduct/acquit.ts';
import { notSimulated, overheadsOf, type predict } from '#lab/conduct/predict.ts';
import type { Conduct, ConductOptions } from '#lab/conduct/run.ts';
import { headOf, RunLog } from '#lab/conduct/run-log.ts';
import { roundFolder } from '#lab/evidence/format.ts';
import { readRun } from '#lab/evidence/reader.ts';
import { writeSimulations } from '#lab/evidence/simulations.ts';
import { exitCodes, exitLine, worstOf } from '#lab/experiment/errors/exit-codes.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import { analyse, repeating, roundOf } from '#lab/judge/analyse.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import { compareSimulations, withSimulations } from '#lab/judge/simulations.ts';
import { stallCheck } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { commandLine, type Flags, flagsOf } from '#lab/world/process/command-line.ts';
import { interruptSignal, skipping, stopping } from './interrupt.ts';
import { clear, lineTo, progressTo } from './progress.ts';
import { createRunFolder, type Output, publish, tryRunFolder, writeResult } from './run-folder.ts';
import { warn } from './validate.ts';

/** Options of all commands that conduct experiments. */
export interface ConductingOptions {
  readonly out: string;
  readonly seed?: number;
  readonly repeat?: number;
  readonly only?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

interface Conducting extends Pick<ConductOptions, 'withoutFaults' | 'agents' | 'clock'> {
  /** Simulates the experiment after it was conducted, to compare the result with it. */
  readonly predict?: typeof predict | undefined;
  readonly command: 'run' | 'simulate';
  /** Flags that a repetition needs, besides those of all commands. */
  readonly flags: Flags;
  readonly conduct: Conduct;
  /** First line of the progress on a terminal. @default 'starting the testbed' */
  readonly first?: string;
}

/** Conducts experiments one after another, and publishes their results. Returns the worst exit code. */
export async function conductFiles(
  files: readonly ExperimentFile[],
  options: ConductingOptions,
  { command, flags, first, predict, conduct, ...parts }: Conducting,
): Promise<number> {
  const output = outputOf(options);
  if (output !== 'quiet') warn(files);
  for (const { name, experiment } of files) tryRunFolder(options.out, name, experiment.seed, wallTime());
  let isSimulating = false;
  const signal = interruptSignal(lineTo(process.stderr), () => (isSimulating ? skipping : stopping));
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
    const onProgress = isSilent(output) ? () => undefined : progressTo(process.stderr, output, first);
    const rounds: VariantResult[][] = [];
    const measured = await repeat(file, {
      ...parts,
      folder,
      commandOf: (experiment) => commandOf([command, flags], file, experiment, options),
      async conduct(...args) {
        const result = await conduct(...args);
        rounds.push([...result.variants]);
        return result;
      },
      onProgress,
      signal,
    });
    const { withoutFaults } = parts;
    isSimulating = true;
    const result = predict
      ? await besideSimulations(file, measured, {
          ...{ rounds, predict, folder, withoutFaults, onProgress, signal },
        })
      : measured;
    isSimulating = false;
    if (!isSilent(output) && process.stderr.isTTY) clear(process.stderr);
    await publish(folder, result, output);
    codes.push(result.exitCode);
  }
  const code = worstOf(codes);
  if (!isSilent(output)) process.stdout.write(`${exitLine(code)}\n`);
  return code;
}

/** Returns the command line that repeats an experiment. It has the seed and the rounds, which may change in the file. */
export function commandOf(
  [command, flags]: readonly [command: Conducting['command'], flags: Flags],
  file: ExperimentFile,
  { seed, repeat }: Experiment,
  options: Pick<ConductingOptions, 'repeat' | 'only'>,
): string {
  const isSaid = options.repeat !== undefined || file.experiment.repeat > 1;
  const common = { seed, repeat: isSaid ? repeat : undefined, only: options.only?.join(',') };
  return commandLine([command, file.file, ...flagsOf({ ...common, ...flags })]);
}

interface Beside extends Pick<ConductOptions, 'folder' | 'withoutFaults' | 'signal' | 'onProgress'> {
  readonly rounds: readonly (readonly VariantResult[])[];
  readonly predict: typeof predict;
}

/**
 * Simulates the experiment of a result, stores the simulations in the run's folder, and returns the result with them. An
 * interrupt skips them, since the measurement is complete. Judges the evidence again if the simulations show that stalls
 * don't decide a hypothesis.
 */
async function besideSimulations(
  file: ExperimentFile,
  result: Result,
  { rounds, predict, folder, withoutFaults, onProgress, signal }: Beside,
): Promise<Result> {
  if (result.errors.length > 0 || signal.aborted) return result;
  const validity = result.validity.filter(({ name }) => name !== stallCheck);
  const unopened = { ...result, validity };
  const simulations = predict(file, {
    overheads: overheadsOf(rounds.flat()),
    acquit: (evidence, simulated) =>
      acquit(file.experiment, rounds, result.validity, compareSimulations(evidence, unopened), simulated),
    slowMotion: result.slowMotion?.factor,
    withoutFaults,
    signal,
    onProgress: (done, of) => onProgress({ stage: 'prediction', done, of }),
  });
  const evidence = simulations.catch((error: Error) => {
    signal.throwIfAborted();
    return notSimulated(file.experiment, `The simulation failed: ${error.message}`);
  });
  try {
    const simulated = await evidence;
    writeSimulations(folder, simulated);
    if (!simulated.acquitted) return withSimulations(result, folder);
    for (const { seed } of result.rounds ?? []) writeSimulations(roundFolder(folder, seed), simulated);
    const again = await analyse(file, await readRun(folder), (seed, round) =>
      writeResult(roundFolder(folder, seed), round),
    );
    return withSimulations(again, folder);
  } catch {
    return result; // interrupted, or the disk is full
  }
}

function outputOf({ json, quiet, verbose }: ConductingOptions): Output {
  if (json) return 'json';
  if (quiet) return 'quiet';
  return verbose ? 'verbose' : 'normal';
}

const isSilent = (output: Output): output is 'quiet' | 'json' => output === 'quiet' || output === 'json';

interface RepeatOptions extends Omit<ConductOptions, 'command' | 'turn'> {
  /**
   * Returns the command line that repeats the experiment. For the experiment of one round, it repeats only this round.
   */
  readonly commandOf: (experiment: Experiment) => string;
  readonly conduct: Conduct;
}

/**
 * Runs an experiment in rounds, each with its own seed and testbed, in `rounds/<seed>` of the folder. Each round starts
 * with another variant, so that no variant is always first. After a round with errors, no further round runs. Rejects
 * with TestbedError if a result can't be written.
 */
export async function repeat(
  file: ExperimentFile,
  { commandOf, conduct, ...options }: RepeatOptions,
): Promise<Result> {
  const { experiment } = file;
  const { clock = systemClock, folder, onProgress } = options;
  if (experiment.repeat === 1) return conduct(file, { ...options, command: commandOf(experiment) });
  const command = commandOf(experiment);
  const log = new RunLog(folder, clock);
  const head = headOf(file, { ...options, command });
  log.add(head);
  const rounds: Result[] = [];
  let { pace } = options;
  for (const [index, seed] of seedsOf(experiment).entries()) {
    log.add({ record: 'round', seed, atMs: log.elapsedMs });
    const one = roundOf(file, seed);
    const round = { seed, index, of: experiment.repeat };
    const own = roundFolder(folder, seed);
    mkdirSync(own, { recursive: true });
    const result = await conduct(one, {
      ...options,
      pace,
      turn: index,
      machine: head.machine, // later, the load average would include earlier rounds
      folder: own,
      command: commandOf(one.experiment),
      onProgress: (progress) => onProgress({ ...progress, round }),
    });
    await writeResult(own, result);
    rounds.push(result);
    // All rounds use the pace that the first round measured.
    pace ??= result.slowMotion;
    if (result.errors.length > 0) break;
  }
  const durationMs = log.end(options.signal);
  log.close();
  return overRounds(rounds, { command: repeating(command, rounds[0]!), durationMs });
}
