import { measuredVariants } from '#lab/result/facts.ts';
import type { Recovery, Result, VariantResult, Window } from '#lab/result/result.ts';
import { duration, inNumber, range } from '#lab/text/format.ts';
import { type Conclusion, capitalised, conclude, joined, listed, say, type Words } from './conclusion.ts';

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
  return conclude(tone, titleOf(stuck.size, seen.size, unseen.length), ...points, unknown).map((each) => ({
    ...each,
    dated: true,
  }));
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

/** Returns, for example, `After slow, budget recovers after 1.2 s; retries does not recover within 8 s.` */
export function recoverySentence(window: string, all: readonly Recovering[]): Words {
  const back = all.filter(({ recovery: { timeMs } }) => timeMs !== null);
  const never = all.filter(({ recovery: { timeMs } }) => timeMs === null);
  const clauses = [
    ...(back.length > 0
      ? [say`${listed(variantsOf(back))} ${inNumber(back.length, 'recovers', 'recover')} ${timesOf(back)}`]
      : []),
    ...(never.length > 0
      ? [
          say`${listed(variantsOf(never))} ${inNumber(never.length, 'does', 'do')} not recover within ${range(
            never.map(({ recovery: { atLeastMs } }) => atLeastMs),
            duration,
          )}`,
        ]
      : []),
  ];
  return say`${capitalised(window)}: ${joined(clauses, '; ')}.`;
}

const variantsOf = (all: readonly Recovering[]): VariantResult[] => all.map(({ variant }) => variant);

function timesOf(back: readonly Recovering[]): string {
  const times = back.map(({ recovery: { timeMs } }) => timeMs ?? 0);
  if (Math.max(...times) === 0) return 'at once';
  return Math.min(...times) === 0
    ? `within ${duration(Math.max(...times))}`
    : `after ${range(times, duration)}`;
}
