import { join } from 'node:path';
import type { Outcome } from '#kit/wire.ts';
import { readRecord } from '#lab/evidence/requests.ts';
import type { VariantResult } from '#lab/result/result.ts';

/** What the caller of a request saw. */
interface Seen {
  readonly outcome: Outcome | undefined;
  /** From due time to its end, whatever that was. */
  readonly latencyMs: number;
}

/** Whether a caller saw what a fault does. */
export type Sign = (seen: Seen) => boolean;

/** Of those due meanwhile: some faults strike one in two, and some of these only until shortly before their end. */
const shareMin = 0.1;

/** As nothing is that is left alone; on a busy machine also who comes when the fault is over. */
export const isSlow = ({ latencyMs }: Seen): boolean => latencyMs >= 90;

/** As no pause of a busy machine makes it. */
export const hasFailed = ({ outcome }: Seen): boolean => outcome === 'failed' || outcome === 'timeout';

/**
 * The faults of which a variant, in the folder of its run, shows no sign, with how many do. Of one that took when half of
 * its time was over none is asked, since who tells when it took may have heard of it late; all are told when most were so.
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
    if (!took || !asked) return [`${fault}: never took`];
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
