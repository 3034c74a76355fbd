import { SpentTime, simulate } from '#lab/conduct/simulate.ts';
import { insteadOf } from '#lab/experiment/check.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { readEach } from '#lab/experiment/read.ts';
import type { Overheads } from '#lab/world/simulated/simulated.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
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
  const { only, overhead } = options;
  // Virtual time needs no slow motion.
  const { files, problems } = readEach(paths, insteadOf({ ...options, slowMotion: 1 }), unsimulated, only);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
  const clock = new SpentTime();
  return conductFiles(files, options, {
    clock,
    first: 'simulating',
    command: 'simulate',
    flags: { overhead: overhead && overheadText(overhead) },
    async conduct(file, { onProgress, ...rest }) {
      const result = await simulate(file, {
        ...rest,
        overheads: overhead,
        // Shows only the end of each variant, since the other stages take less than a second.
        onProgress: (progress) => progress.stage === 'complete' && onProgress(progress),
      });
      clock.add(result.durationMs);
      return result;
    },
  });
}
