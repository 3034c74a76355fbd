import { measuredVariants } from '#lab/result/facts.ts';
import type { Recovery, Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, range } from '#lab/text/format.ts';
import { type Conclusion, conclude, joined, listed, say, type Words } from './conclusion.ts';

type Recovering = Readonly<{ variant: VariantResult; recovery: Recovery }>;

/** Says for each fault and phase which variants recovered after how long, and which never did. */
export function recovery(result: Result): Conclusion[] {
  const windows = recoveriesIn(result);
  const never = windows.flatMap(([, all]) => all.filter(({ recovery: { timeMs } }) => timeMs === null));
  const stuck = new Set(never.map(({ variant }) => variant));
  const affected = new Set(windows.flatMap(([, all]) => all.map(({ variant }) => variant)));
  const title =
    stuck.size === 0
      ? affected.size === 1
        ? 'It recovers'
        : 'Every variant recovers'
      : `${stuck.size} of ${affected.size} ${inNumber(stuck.size, 'does', 'do')} not recover`;
  const points = windows.map(([window, all]) => recoverySentence(window, all));
  return conclude(stuck.size === 0 ? 'good' : 'bad', title, ...points).map((each) => ({
    ...each,
    dated: true,
  }));
}

/** Returns the recoveries that were watched for long enough, by the window that they follow. */
export function recoveriesIn(result: Result): [window: string, all: Recovering[]][] {
  const all = measuredVariants(result).flatMap((variant) =>
    variant.windows.flatMap(({ name, recovery }) =>
      recovery?.reported ? [{ name, variant, recovery }] : [],
    ),
  );
  return [...Map.groupBy(all, ({ name }) => name)];
}

/** `After slow, budget recovers after 1.2 s; retries does not recover within 8 s.` */
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
  return say`${window.charAt(0).toUpperCase()}${window.slice(1)}: ${joined(clauses, '; ')}.`;
}

const variantsOf = (all: readonly Recovering[]): VariantResult[] => all.map(({ variant }) => variant);

function timesOf(back: readonly Recovering[]): string {
  const times = back.map(({ recovery: { timeMs } }) => timeMs ?? 0);
  if (Math.max(...times) === 0) return 'at once';
  return Math.min(...times) === 0
    ? `at once or within ${duration(Math.max(...times))}`
    : `after ${range(times, duration)}`;
}
