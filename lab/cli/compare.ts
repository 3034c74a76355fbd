import type { Command } from '@commander-js/extra-typings';
import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { given, marginOf } from './args.ts';
import { exit } from './options.ts';

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('compare two runs')
    .argument('<before>', 'the folder of a run, or a file in it', given)
    .argument('<after>', 'the folder of another run, or a file in it', given)
    .option(
      '-m, --margin <share>',
      'end with 99 when a figure of any variant is worse by more than this, such as 5% or 0.05',
      marginOf,
    )
    .addHelpText(
      'after',
      `
Runs with rounds (run --repeat) show whether each figure is better, worse, or no different, with the 95 % interval of
the difference. The margin is relative to the figure before, and in
points for shares such as goodput. A figure is worse by more than the margin if its whole interval is. Errors, retries,
wasted effects and latencies count as worse only if no more work is done, and as better only if no less is.

With a margin compare ends with 99 if a figure got worse, else with 90 if the measurement of a variant was invalid on
either side, else with 0. It also ends with 90 if either run ended early. Both sides need 5 rounds or more. Both run
with faults, or both are control runs (run --without-faults). The second has every variant of the first, and offered it
the same load.`,
    )
    .action((before, after, options) => exit(compareCommand(before, after, options)));
}

/**
 * Compares two runs, variant by variant. Returns the exit code, which is always 0 without a margin. With a margin,
 * throws InputError for too few rounds, for another load, for faults in only one run, and for a variant of the first run
 * that the second lacks.
 */
export async function compareCommand(
  before: string,
  after: string,
  { margin }: { readonly margin?: number | undefined },
): Promise<number> {
  const { changesBetween, missingIn, offeredOther } = await import('#lab/judge/statistics/change.ts');
  const { renderComparison } = await import('#lab/show/terminal/comparison.ts');
  const { paperOf } = await import('#lab/show/terminal/paper.ts');
  const { readResult, runFolderOf } = await import('#lab/conduct/run-folder.ts');
  const folders = [runFolderOf(before), runFolderOf(after)] as const;
  const [a, b] = await Promise.all([readResult(folders[0]), readResult(folders[1])]);
  if (margin !== undefined) {
    refuseFew([before, a], [after, b]);
    if ((a.withoutFaults ?? false) !== (b.withoutFaults ?? false))
      throw new InputError(
        'expected two control runs (run --without-faults) beside --margin, or none, got one',
      );
  }
  const changes = changesBetween(a, b, margin);
  const text = renderComparison(a, b, paperOf(process.stdout), { changes, margin });
  process.stdout.write(`${text}\n`);
  if (margin === undefined) return exitCodes.held;
  if ([a, b].some(({ errors }) => errors.length > 0)) return exitCodes.invalid;
  const other = offeredOther(changes).join(', ');
  if (other !== '')
    throw new InputError(`expected the same load in both runs beside --margin, got another one for ${other}`);
  const gone = missingIn(b, a);
  if (gone.length > 0)
    throw new InputError(
      `expected every variant of the first run in the second beside --margin, missing ${gone.join(', ')}`,
    );
  if (changes.some(({ regressed }) => regressed)) return exitCodes.failed;
  return changes.some(({ instead }) => instead === 'invalid') ? exitCodes.invalid : exitCodes.held;
}

/**
 * Minimum number of rounds for a margin. With fewer rounds, intervals are wide, and valid only for normally distributed
 * figures.
 */
const roundsMin = 5;

function refuseFew(...sides: readonly (readonly [path: string, result: Result])[]): void {
  const what = `expected at least ${roundsMin} rounds (run --repeat) beside --margin`;
  const problems = sides.flatMap(([path, { rounds }]) => {
    const count = rounds?.length ?? 1;
    return count < roundsMin ? [`${path}: ${what}, got ${count}`] : [];
  });
  if (problems.length > 0) throw new InputError(problems.join('\n'));
}
