import type { Span } from '#lab/result/incidents.ts';
import type { Series } from '#lab/result/series.ts';

/** How what waits, or is under way, got less. */
export interface Drain {
  /** From the beginning of the span until no more was waiting than while all was well; null when that was not within it. */
  readonly ms: number | null;
  /** Whether it was not, but still got less in the second half of the span. */
  readonly isUnderWay: boolean;
}

/** How one of them did in a span, when all was well until `wellMs`; undefined where nobody told of it then, or in the end. */
export function drainOf<L extends 'backlog' | 'inFlight'>(
  what: L,
  { tMs, [what]: levels }: Pick<Series, 'tMs' | L>,
  wellMs: number,
  { fromMs, untilMs }: Span,
): Drain | undefined {
  // The level of a point may be from any time until the next.
  const isBefore = (point: number) => (tMs[point + 1] ?? untilMs) <= wellMs;
  const before = levels.filter((level, point) => level !== null && isBefore(point));
  if (before.length === 0) return undefined;
  const most = Math.max(...(before as number[]));
  const after = tMs.flatMap((atMs, point) =>
    atMs >= fromMs && atMs < untilMs ? [{ atMs, level: levels[point] ?? null }] : [],
  );
  const drained = after.find(({ level }) => level !== null && level <= most);
  if (drained) return { ms: drained.atMs - fromMs, isUnderWay: false };
  if ((after.at(-1)?.level ?? null) === null) return undefined;
  return { ms: null, isUnderWay: isFalling(after.flatMap(({ level }) => level ?? [])) };
}

/** Whether the last third of the second half is below its first by more than chance: two standard errors of one level, in means of many. */
function isFalling(levels: readonly number[]): boolean {
  const half = levels.slice(Math.floor(levels.length / 2));
  const third = Math.ceil(half.length / 3);
  const [first, last] = [meanOf(half.slice(0, third)), meanOf(half.slice(-third))];
  return first - last > 2 * Math.sqrt(first);
}

const meanOf = (levels: readonly number[]): number =>
  levels.reduce((sum, level) => sum + level, 0) / levels.length;
