import { isDecisive, stallCheck } from '#lab/judge/result/facts.ts';
import type { Result, StallResult, VariantResult } from '#lab/judge/result/result.ts';
import { duration, plural } from '#lab/kit/text/format.ts';

const verbs: Readonly<Record<StallResult['cause'], string>> = {
  stopped: 'paused',
  saturated: 'was saturated',
  late: 'sent late',
};

/** Returns texts like `gateway paused for 300 ms (1.2 s real time) at 4.2 s (30 requests)`, by process and cause. */
export function describeStalls(stalls: readonly StallResult[], factor = 1): string[] {
  const groups = Map.groupBy(stalls, ({ process, cause }) => `${process} ${verbs[cause]}`);
  return [...groups].map(([what, group]) => {
    const longestMs = Math.max(...group.map(({ fromMs, untilMs }) => untilMs - fromMs));
    const longest =
      duration(longestMs) + (factor === 1 ? '' : ` (${duration(factor * longestMs)} real time)`);
    // A request can be in several stalls, so a sum would exceed the requests offered.
    const requests = plural(Math.max(...group.map((stall) => stall.requests)), 'request');
    const [first, last] = [group[0]!, group.at(-1)!];
    if (group.length === 1)
      return `${what} for ${longest} at ${duration(Math.max(0, first.fromMs))} (${requests})`;
    return `${what} ${plural(group.length, 'time')}, for up to ${longest}, between ${duration(Math.max(0, first.fromMs))} and ${duration(last.untilMs)} (up to ${requests} each)`;
  });
}

/** Describes the stalls of a variant, with one sentence for each process and cause. */
export function stallLines(result: Result, { name, stalls = [] }: VariantResult): string[] {
  const check = result.validity.find((each) => each.name === stallCheck && each.variant === name);
  // The text of a failed check already describes the decisive stalls.
  const decisive = check?.ok === false ? [] : stalls.filter(isDecisive);
  const others = stalls.filter((stall) => !isDecisive(stall));
  const factor = result.slowMotion?.factor;
  return [
    ...describeStalls(decisive, factor).map((stall) => `${stall}.`),
    ...describeStalls(others, factor).map((stall) => `${stall}: a finding about the system.`),
  ];
}
