import { recoveriesOver } from '#lab/analysis/statistics/recoveries.ts';
import { measuredVariants } from '#lab/result/facts.ts';
import type { Recovery, Result, VariantResult, Window } from '#lab/result/result.ts';
import { duration, inNumber, plural } from '#lab/text/format.ts';
import {
  type Conclusion,
  capitalised,
  conclude,
  joined,
  listed,
  say,
  type Words,
  windowText,
} from './conclusion.ts';

type Recovering = Readonly<{ variant: VariantResult; recovery: Recovery }>;

/** Says for each fault and phase which variants recovered, after how long, and which never did. */
export function recovery(result: Result): Conclusion[] {
  const windows = recoveriesIn(result);
  const all = windows.flatMap(([, recoveries]) => recoveries);
  const stuck = new Set(all.flatMap(({ variant, recovery: { timeMs } }) => (timeMs === null ? variant : [])));
  const seen = new Set(all.map(({ variant }) => variant));
  const unseen = measuredVariants(result).filter(
    (variant) => !seen.has(variant) && variant.windows.some((window) => window.recovery),
  );
  const points = windows.map(([window, recoveries]) => recoverySentence(window, recoveries));
  const unknown =
    unseen.length > 0 &&
    say`${listed(unseen)} ${inNumber(unseen.length, 'was', 'were')} not watched for long enough.`;
  const tone = stuck.size > 0 ? 'bad' : unseen.length > 0 ? 'note' : 'good';
  if (points.length === 0) return [];
  return conclude(
    tone,
    titleOf(stuck.size, seen.size, unseen.length),
    ...points,
    unknown,
    ...someRounds(result),
  );
}

/** Counts the rounds with a recovery, for variants that recovered in some rounds and not in others. */
function someRounds({ rounds = [] }: Result): Words[] {
  const mixed = recoveriesOver(rounds).flatMap(({ window, variant, recovered }) =>
    recovered && recovered.count > 0 && recovered.count < recovered.of
      ? [`${variant} recovers ${window} in ${recovered.count} of ${plural(recovered.of, 'round')}`]
      : [],
  );
  return mixed.length > 0 ? [say`${mixed.join('; ')}.`] : [];
}

function titleOf(stuck: number, seen: number, unseen: number): string {
  const of = seen + unseen;
  if (stuck > 0) return `${stuck} of ${of} ${inNumber(stuck, 'does', 'do')} not recover`;
  if (unseen > 0) return `${seen} of ${of} recover`;
  return seen === 1 ? 'It recovers' : 'Every variant recovers';
}

/**
 * Groups the recoveries by window. Leaves out those that were not observed for long enough, and those that a later
 * fault interrupted.
 */
export function recoveriesIn(result: Result): [window: string, all: Recovering[]][] {
  const all = measuredVariants(result).flatMap((variant) =>
    variant.windows.flatMap((window) => {
      const { name, recovery } = window;
      return recovery?.reported && !isCutShort(variant, window) ? [{ name, variant, recovery }] : [];
    }),
  );
  return [...Map.groupBy(all, ({ name }) => name)];
}

/** True if a later fault began before goodput had recovered. */
function isCutShort({ faults }: VariantResult, { span, recovery }: Window): boolean {
  if (!span || !recovery || recovery.timeMs !== null) return false;
  const untilMs = span.fromMs + recovery.atLeastMs;
  return faults.some(
    ({ onPath, took }) => onPath && took && took.fromMs >= span.fromMs && took.fromMs <= untilMs,
  );
}

/**
 * Returns, for example, `After slow: budget recovers at once, breaker after 1.2 s; retries does not recover within 8 s.`
 */
export function recoverySentence(window: string, all: readonly Recovering[]): Words {
  const back = all.filter(({ recovery: { timeMs } }) => timeMs !== null);
  const never = all.filter(({ recovery: { timeMs } }) => timeMs === null);
  const clauses = [
    ...clauseOf(back, ({ recovery: { timeMs } }) => timeMs ?? 0, ['recovers', 'recover'], whenBack),
    ...clauseOf(
      never,
      ({ recovery: { atLeastMs } }) => atLeastMs,
      ['does not recover', 'do not recover'],
      (ms) => `within ${duration(ms)}`,
    ),
  ];
  const when = all[0] ? windowText(all[0].variant, window) : window;
  return say`${capitalised(when)}: ${joined(clauses, '; ')}.`;
}

const whenBack = (ms: number): string => (ms === 0 ? 'at once' : `after ${duration(ms)}`);

/** Maximum number of times that are given each. */
const timesMax = 4;

/** Lists variants with their times, the shortest first. Of many times, gives the shortest and the longest. */
function clauseOf(
  all: readonly Recovering[],
  msOf: (each: Recovering) => number,
  [one, many]: readonly [string, string],
  when: (ms: number) => string,
): Words[] {
  const sorted = all.toSorted((a, b) => msOf(a) - msOf(b));
  const groups = [...Map.groupBy(sorted, (each) => when(msOf(each)))].map(([time, group]) => ({
    who: listed(group.map(({ variant }) => variant)),
    time,
    count: group.length,
  }));
  const [first, ...others] = groups;
  if (!first) return [];
  const last = others.at(-1);
  const between = others.slice(0, -1).reduce((sum, { count }) => sum + count, 0);
  const shown =
    last && groups.length > timesMax
      ? [say`${between} others in between`, say`${last.who} ${last.time}`]
      : others.map(({ who, time }) => say`${who} ${time}`);
  return [joined([say`${first.who} ${inNumber(first.count, one, many)} ${first.time}`, ...shown], ', ')];
}
