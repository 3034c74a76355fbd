import { memo } from '#kit/memo.ts';
import type { Outcome } from '#kit/wire.ts';
import type { FirstError } from './protocol.ts';
import type { Request } from './sending/request.ts';

/** Maximum number of different reasons for each outcome. */
const reasonsMax = 3;

/** Reasons for outcomes that come without an answer or error. */
const silent: Readonly<Partial<Record<Outcome, string>>> = {
  unknown: 'no answer',
  pending: 'no completion',
  unsent: 'no free connection',
};
/** Outcomes that need no reason here. The consumer reports why an event is dead. */
const unreasoned: ReadonlySet<Outcome> = new Set(['ok', 'late', 'dead']);

/** First reasons for each unsuccessful outcome. The memory doesn't grow with the number of requests. */
export class FirstErrors {
  readonly #seen = new Map<Outcome, Map<string, { reason: string; count: number; firstAtMs: number }>>();

  add(request: Pick<Request, 'outcome' | 'reason' | 'scheduledAtMs'>, startedAtMs: number): void {
    const { outcome, reason, scheduledAtMs } = request;
    if (!outcome || unreasoned.has(outcome)) return;
    const said = reason ?? silent[outcome];
    if (said === undefined) return;
    const reasons = this.#seen.get(outcome) ?? new Map();
    this.#seen.set(outcome, reasons);
    const key = kindOf(said);
    const known = reasons.get(key);
    if (known) known.count += 1;
    else if (reasons.size < reasonsMax)
      reasons.set(key, { reason: said, count: 1, firstAtMs: scheduledAtMs - startedAtMs });
  }

  get summary(): Partial<Record<Outcome, FirstError[]>> {
    return Object.fromEntries([...this.#seen].map(([outcome, reasons]) => [outcome, [...reasons.values()]]));
  }
}

/** Replaces numbers such as ids, ports and times by #, since they differ between requests. Keeps the status. */
const kindOf = (reason: string): string =>
  kinds(reason, () => reason.slice(0, 3) + reason.slice(3).replaceAll(/\d+/g, '#'));

const kinds = memo<string>();
