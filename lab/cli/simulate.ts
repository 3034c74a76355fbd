import { InputError } from '#lab/errors/input-error.ts';
import { type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { SpentTime, simulate } from '#lab/runner/simulate.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import type { Overheads } from '#lab/testbed/simulated/simulated.ts';
import { unsimulated } from '#lab/testbed/simulated/unsimulated.ts';
import { overheadText } from './args.ts';
import { type ConductingOptions, capacityInVain, conductFiles } from './conduct.ts';

interface SimulateCommandOptions extends ConductingOptions {
  readonly capacity?: number;
  readonly overhead?: Overheads;
}

/**
 * Simulates experiments one after another. Checks all files before the first experiment starts. Returns the exit code.
 */
export async function simulateCommand(
  paths: readonly string[],
  options: SimulateCommandOptions,
): Promise<number> {
  const { seed, repeat, only, capacity } = options;
  // Virtual time needs no slow motion.
  const instead = {
    ...(seed !== undefined && { seed }),
    ...(repeat !== undefined && { repeat }),
    slowMotion: 1,
  };
  const unsuited = (experiment: Experiment) => [
    ...unsimulated(experiment),
    ...capacityInVain(experiment.capacity, options),
  ];
  const { files, problems } = readEach(paths, instead, unsuited, only);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  const clock = new SpentTime();
  return conductFiles(files, options, {
    clock,
    capacity,
    first: 'simulating',
    commandOf: (file, experiment) => commandOf(file, experiment, options),
    async conduct(file, { onProgress, ...rest }) {
      const result = await simulate(file, {
        ...rest,
        overheads: options.overhead,
        // Shows only probes and the end of each variant, since the other stages take less than a second.
        onProgress: (progress) => ['capacity', 'complete'].includes(progress.stage) && onProgress(progress),
      });
      clock.add(result.durationMs);
      return result;
    },
  });
}

/**
 * Returns the command line that repeats this simulation. It has the seed and the rounds, which may change in the file.
 */
function commandOf(
  file: ExperimentFile,
  { seed, repeat }: Experiment,
  options: SimulateCommandOptions,
): string {
  const isSaid = options.repeat !== undefined || file.experiment.repeat > 1;
  const rounds = isSaid ? ['--repeat', String(repeat)] : [];
  const some = options.only ? ['--only', options.only.join(',')] : [];
  const capacity = options.capacity === undefined ? [] : ['--capacity', String(options.capacity)];
  const overhead = options.overhead ? ['--overhead', overheadText(options.overhead)] : [];
  const given = [...rounds, ...capacity, ...some, ...overhead];
  return commandLine(['simulate', file.file, '--seed', String(seed), ...given]);
}
