import { expect } from 'vitest';
import { balance } from '#lab/judge/ledger/ledger.ts';
import { reconcile } from '#lab/judge/ledger/reconcile.ts';
import type { Truth } from '../truthful.ts';

type Edits = Readonly<Record<string, (truth: Truth) => void>>;

/** Edits after which witnesses contradict each other, by the name of the check that must fail. */
export type Contradictions = Readonly<Record<string, Edits>>;

export const rowsOf = (...all: Contradictions[]) =>
  all.flatMap((each) =>
    Object.entries(each).flatMap(([check, edits]) =>
      Object.entries(edits).map(([what, edit]) => [what, check, edit] as const),
    ),
  );

export const nowhere = Number.NaN;
export const calls = ['ok', 'late', 'failed', 'timeout', 'rejected', 'unknown', 'unsent'] as const;
export const events = ['ok', 'late', 'dead', 'dropped', 'pending', 'unsent'] as const;

/** Returns the index of the request with an outcome in the lists above. */
export const at = {
  rpc: (outcome: (typeof calls)[number]) => calls.indexOf(outcome),
  event: (outcome: (typeof events)[number]) => events.indexOf(outcome),
};

/** Returns the names of the checks that fail. Calls `reconcile` first, as the analysis of a run does. */
export function failing(truth: Truth): string[] {
  const { lost } = reconcile(truth);
  const { balanced, checks } = balance(truth, lost);
  const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  expect(balanced).toBe(failed.length === 0);
  // The note of a failed check says which witnesses contradict each other.
  expect(checks.filter(({ ok, note }) => !ok && note === '')).toEqual([]);
  return failed;
}

/** Adds an effect of a request, `afterMs` after the start. By default the caller still waited for the answer. */
export function effect(
  { effects, counters }: Truth,
  index: number,
  afterMs = 50,
  caller: 'waiting' | 'gone' = 'waiting',
) {
  if (Number.isNaN(effects.firstAtMs[index])) effects.distinct += 1;
  effects.firstAtMs[index] = 1000 + afterMs;
  if (caller === 'waiting') effects.answeredAtMs[index] = 1000 + afterMs;
  if (caller === 'gone') effects.wasted += 1;
  effects.total += 1;
  counters.effects[caller] += 1;
}

/** Adds a second effect of a request that has an effect. */
export function repeat({ effects, counters }: Truth) {
  effects.total += 1;
  counters.effects.waiting += 1;
}

export const restarted = (
  truth: Truth,
  ...services: ('gateway' | 'publisher' | 'consumer' | 'downstream')[]
) => {
  for (const service of services) truth.counters.doubts[service] = { missing: `${service} was restarted` };
};

/** Adds a redrive of the dead event, after which the event completes and its completion is reported. */
export function redrive(truth: Truth) {
  const index = at.event('dead');
  truth.requests.decide(index, 'late');
  truth.requests.latencyMs[index] = 300;
  effect(truth, index, 290);
  truth.remains.dead.delete(index);
  truth.remains.deliveries! += 1;
  truth.redriven.requests.add(index);
  truth.redriven.deadLetters = 1;
  truth.counters.consumer.ok += 1;
  truth.counters.consumer.all += 1;
}

/** Changes an event so that it has an effect, but no completion, since the consumer's attempt timed out. */
export function timedOut(truth: Truth, index: number) {
  truth.requests.decide(index, 'pending');
  truth.requests.latencyMs[index] = nowhere;
  truth.effects.answeredAtMs[index] = nowhere;
  truth.counters.effects.waiting -= 1;
  truth.counters.effects.gone += 1;
  truth.effects.wasted += 1;
  truth.counters.consumer.ok -= 1;
  truth.remains.pending.add(index);
}
