import { join } from 'node:path';
import type { Outcome } from '#kit/wire.ts';
import { readRecord } from '#lab/evidence/requests.ts';
import type { VariantResult } from '#lab/result/result.ts';

/** Request as its caller saw it. */
interface Seen {
  readonly outcome: Outcome | undefined;
  /** Time from the scheduled time to the end of the request, with any outcome. */
  readonly latencyMs: number;
}

/** Predicate: true if the caller of a request saw the effect of a fault. */
export type Sign = (seen: Seen) => boolean;

/** Share of the requests scheduled during a fault that must show it. Some faults affect half of them, or begin late. */
const shareMin = 0.1;

/** True if the request was slower than any request without a fault, except just after a fault on a busy machine. */
export const isSlow = ({ latencyMs }: Seen): boolean => latencyMs >= 90;

/** True if the request failed in a way that no pause of a busy machine causes. */
export const hasFailed = ({ outcome }: Seen): boolean => outcome === 'failed' || outcome === 'timeout';

/**
 * Returns a line for each fault of `signs` that never began, or that too few requests of a variant show. Faults that began
 * after half of their time are listed only if they are more than half of all.
 */
export async function withoutSign(
  folder: string,
  { name, offered, faults = [] }: VariantResult,
  signs: Readonly<Record<string, Sign>>,
): Promise<string[]> {
  const requests = await readRecord(join(folder, 'variants', name, 'requests.csv'), offered);
  const sum = (counts: object) => Object.values(counts).reduce((total: number, count) => total + count, 0);
  const late: string[] = [];
  const without = Object.entries(signs).flatMap(([fault, isSeen]) => {
    const { took, asked } = faults.find((each) => each.name === fault) ?? {};
    if (!took || !asked) return [`${fault}: never in force`];
    const lateMs = took.fromMs - asked.fromMs;
    if (lateMs > (asked.untilMs - asked.fromMs) / 2) {
      late.push(`${fault}: ${lateMs} ms late`);
      return [];
    }
    const has = (index: number) =>
      isSeen({ outcome: requests.outcome(index), latencyMs: requests.latencyMs[index]! });
    const due = sum(requests.count(took));
    const seen = sum(requests.count({ ...took, has }));
    return seen > 0 && seen >= shareMin * due ? [] : [`${fault}: ${seen} of ${due}, ${lateMs} ms late`];
  });
  return [...without, ...(late.length > Object.keys(signs).length / 2 ? late : [])];
}
