import { requestIndex } from '#kit/wire.ts';
import type { Witnesses } from '#lab/analysis/ledger/witnesses.ts';
import type { Redriven } from '#lab/analysis/observation/observation.ts';
import type { RedriveResult } from '#lab/result/incidents.ts';

/** Returns what the ledger has to account for. If a redrive failed, the outcome of the dead letter that it was sending is unknown. */
export function redrivenIn(results: readonly Redriven[]): Witnesses['redriven'] {
  const sent = results.flatMap(({ redriven, repeated }) => [...redriven, ...repeated]);
  const doubtful = results.flatMap(({ left, failure }) => (failure === null ? [] : left.slice(0, 1)));
  const requests = new Set([...sent, ...doubtful].map(requestIndex));
  return { requests, letters: sent.length, doubtful: doubtful.length };
}

/** Returns the redrives for the result, with times since the first scheduled time. */
export const redriveResults = (results: readonly Redriven[], startedAtMs: number): RedriveResult[] =>
  results.map(({ plan, took, redriven, repeated, skipped, left, failure }) => ({
    atMs: plan.atMs,
    ratePerSecond: plan.ratePerSecond,
    took: took && { fromMs: took.fromMs - startedAtMs, untilMs: took.untilMs - startedAtMs },
    redriven: redriven.length + repeated.length,
    left: skipped.length + left.length,
    failure: failure ?? skipped[0]?.reason ?? null,
  }));
