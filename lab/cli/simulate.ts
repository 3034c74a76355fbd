import { InputError } from '#lab/errors/input-error.ts';
import { type ExperimentFile, readEach } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { SpentTime, simulate } from '#lab/runner/simulate.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import type { Overheads } from '#lab/testbed/simulated/simulated.ts';
import { unsimulated } from '#lab/testbed/simulated/unsimulated.ts';
import { overheadText } from './args.ts';
import { type ConductingOptions, conductFiles } from './conduct.ts';

interface SimulateCommandOptions extends ConductingOptions {
  readonly overhead?: Overheads;
}

/**
 * Simulates experiments one after another. Checks all files before the first experiment starts. Returns the exit code.
 */
export async function simulateCommand(
  paths: readonly string[],
  options: SimulateCommandOptions,
): Promise<number> {
  const { seed, repeat, only } = options;
  // Virtual time needs no slow motion.
  const instead = {
    ...(seed !== undefined && { seed }),
    ...(repeat !== undefined && { repeat }),
    slowMotion: 1,
  };
  const { files, problems } = readEach(paths, instead, unsimulated, only);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  const clock = new SpentTime();
  return conductFiles(files, options, {
    clock,
    first: 'simulating',
    commandOf: (file, experiment) => commandOf(file, experiment, options),
    async conduct(file, { onProgress, ...rest }) {
      const result = await simulate(file, {
        ...rest,
        overheads: options.overhead,
        // Shows only the end of each variant, since the other stages take less than a second.
        onProgress: (progress) => progress.stage === 'complete' && onProgress(progress),
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
  const overhead = options.overhead ? ['--overhead', overheadText(options.overhead)] : [];
  const given = [...rounds, ...some, ...overhead];
  return commandLine(['simulate', file.file, '--seed', String(seed), ...given]);
}
