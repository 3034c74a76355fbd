import type { Outcome } from '#kit/wire.ts';
import { Requests } from '#lab/evidence/requests.ts';

export const took = { fromMs: 10_000, untilMs: 13_000 };
export const rule = { goodput: 0.95, overMs: 5000, heldMs: 10_000 };
export const byRule = { deadlineMs: 0, recovery: rule };
const everyMs = 10;

/**
 * Returns a request every 10 ms until the load ends. `outcomeAt` returns its outcome, or undefined if it was not
 * offered. A failed request made `tries` attempts, any other request one attempt.
 */
function requestsOf(
  loadMs: number,
  outcomeAt: (scheduledAtMs: number) => Outcome | undefined,
  tries: number,
): Requests {
  const requests = new Requests(loadMs / everyMs);
  for (let index = 0; index < requests.size; index++) {
    const scheduledAtMs = index * everyMs;
    const outcome = outcomeAt(scheduledAtMs);
    if (!outcome) continue;
    requests.scheduledAtMs[index] = scheduledAtMs;
    requests.attempts[index] = outcome === 'failed' ? tries : 1;
    requests.decide(index, outcome);
  }
  return requests;
}

/** Once the fault has begun, so much stays in flight. The backlog is unknown. */
function stuckSeries(loadMs: number) {
  const tMs = Array.from({ length: loadMs / 1000 }, (_, second) => second * 1000);
  return { tMs, inFlight: tMs.map((ms) => (ms < took.fromMs ? 5 : 90)), backlog: tMs.map(() => null) };
}

export const courseOf = (
  loadMs: number,
  outcomeAt: (scheduledAtMs: number) => Outcome | undefined,
  tries = 3,
) => ({
  requests: requestsOf(loadMs, outcomeAt, tries),
  series: stuckSeries(loadMs),
  loadMs,
  begunMs: took.fromMs,
  clearedMs: took.untilMs,
});

/** Returns outcomes by scheduled time: failed inside the spans, otherwise ok. */
export const failedIn =
  (...spans: readonly [fromMs: number, untilMs: number][]) =>
  (scheduledAtMs: number): Outcome =>
    spans.some(([fromMs, untilMs]) => scheduledAtMs >= fromMs && scheduledAtMs < untilMs) ? 'failed' : 'ok';
export const never = Number.POSITIVE_INFINITY;
