import type { PointResult, SweepResult } from '#lab/result/sweep.ts';
import { count, inNumber, plural } from '#lab/text/format.ts';

type Sweep = Pick<SweepResult, 'points' | 'seeds'>;

/** True if an interrupt left a point with fewer seeds than the others. */
export const isPartial = (point: Pick<PointResult, 'seeds'>, sweep: Pick<Sweep, 'seeds'>): boolean =>
  point.seeds < sweep.seeds;

/** Says how many points lack seeds: `4 of 6 points have 1 to 2 of 3 seeds, 1 has none`. Undefined if none does. */
export function coverageOf({ points, seeds }: Sweep): string | undefined {
  const partial = points
    .filter((point) => point.seeds > 0 && point.seeds < seeds)
    .map((point) => point.seeds);
  const empty = points.filter((point) => point.seeds === 0).length;
  if (partial.length + empty === 0) return undefined;
  const whole = `of ${plural(points.length, 'point')}`;
  const have = (number: number) => inNumber(number, 'has', 'have');
  const ofAll = `of ${plural(seeds, 'seed')}`;
  if (partial.length === 0) return `${count(empty)} ${whole} ${have(empty)} none ${ofAll}`;
  const [low, high] = [Math.min(...partial), Math.max(...partial)];
  const some = low === high ? count(low) : `${count(low)} to ${count(high)}`;
  const rest = empty > 0 ? `, ${count(empty)} ${have(empty)} none` : '';
  return `${count(partial.length)} ${whole} ${have(partial.length)} ${some} ${ofAll}${rest}`;
}
