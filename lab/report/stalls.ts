import { duration, plural } from '#lab/format.ts';
import { isDecisive, stallCheck } from '#lab/result/facts.ts';
import type { StallResult } from '#lab/result/incidents.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';

const verbs: Readonly<Record<StallResult['cause'], string>> = {
  stopped: 'stood still',
  saturated: 'was saturated',
  late: 'sent late',
};

/** A phrase for each process and cause: `gateway stood still for 300 ms at 4.2 s (30 requests)`. */
export function describeStalls(stalls: readonly StallResult[]): string[] {
  const groups = Map.groupBy(stalls, ({ process, cause }) => `${process} ${verbs[cause]}`);
  return [...groups].map(([what, group]) => {
    const lengths = group.map(({ fromMs, untilMs }) => untilMs - fromMs);
    // One request can be in several stalls, so a sum would exceed the requests offered.
    const requests = plural(Math.max(...group.map((stall) => stall.requests)), 'request');
    const [first, last] = [group[0]!, group.at(-1)!];
    if (group.length === 1)
      return `${what} for ${duration(lengths[0]!)} at ${duration(Math.max(0, first.fromMs))} (${requests})`;
    return `${what} ${plural(group.length, 'time')} for ${duration(sum(lengths))} in all and ${duration(Math.max(...lengths))} at most, between ${duration(Math.max(0, first.fromMs))} and ${duration(last.untilMs)} (at most ${requests} in one)`;
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Describes the stalls of a variant, with one sentence each. */
export function stallLines(result: Result, { name, stalls = [] }: VariantResult): string[] {
  const check = result.validity.find((each) => each.name === stallCheck && each.variant === name);
  // A failing check tells of the decisive ones itself.
  const decisive = check?.ok === false ? [] : stalls.filter(isDecisive);
  const others = stalls.filter((stall) => stall.requests > 0 && !isDecisive(stall));
  const sequel = check?.ok && result.hypotheses.length > 0 ? '; no hypothesis depends on them' : '';
  return [
    ...describeStalls(decisive).map((stall) => `${stall}${sequel}.`),
    ...describeStalls(others).map((stall) => `${stall}: a finding about the system.`),
  ];
}
