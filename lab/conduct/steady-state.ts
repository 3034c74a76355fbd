import type { Requests } from '#lab/evidence/requests.ts';
import type { Store } from '#lab/evidence/store.ts';
import { parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { printWindow } from '#lab/experiment/hypothesis/terms.ts';
import { steadyStateOf, untouched } from '#lab/experiment/measures.ts';
import { metrics, type Unit } from '#lab/experiment/metrics/catalogue.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { countedIn } from '#lab/judge/figures/figures.ts';
import { figuresIn } from '#lab/judge/figures/rows.ts';
import { missedBy } from '#lab/judge/hypotheses/hypothesis.ts';
import { planned, schedule } from '#load/phases.ts';
import type { Counts } from '#load/protocol.ts';
import type { VariantTestbed } from './variant-testbed.ts';

/**
 * Returns the time between the deadline of the last judged request and the verdict. The generator reports every 250 ms,
 * and then the lab reads the record.
 */
const lookMs = (requests: number): number => 500 + Math.floor(requests / 500);

/** Shortest part of the load that is judged. */
const leastMs = 500;

/** True if a condition compares a count with a number. A count grows with time. */
function growsWithTime(condition: string): boolean {
  const { left, right } = parseHypothesis(condition);
  const [a, b] = [left, right].map((term) => ('metric' in term ? metrics[term.metric].unit : undefined));
  return (a === undefined || b === undefined) && [a, b].some((unit) => unit && counts.has(unit));
}

const counts: ReadonlySet<Unit> = new Set(['requests', 'attempts', 'effects']);

export type SteadyState = ReturnType<typeof watchSteadyState>;

/**
 * Judges just before the first fault if a variant is in its steady state. Judges only requests that have reached their
 * deadline by then.
 */
export function watchSteadyState(
  experiment: Experiment,
  variant: string,
  store: Pick<Store, 'requests'>,
  slowMotion = 1,
  offline: VariantTestbed['offline'] = (work) => work,
) {
  const { deadlineMs, load, seed, variants } = experiment;
  const requestsMax = experiment.steadyState.length > 0 ? planned(load, seed) : 0;
  const untilMs = (untouched(experiment)?.untilMs ?? 0) - lookMs(requestsMax);
  const looked = Promise.withResolvers<readonly HypothesisResult[]>();
  const missed = looked.promise;
  missed.catch(() => undefined);
  let isLooking = false;

  async function look(): Promise<readonly HypothesisResult[]> {
    const requests = await store.requests(requestsMax, undefined, true);
    requests.speedUp(slowMotion);
    failUnended(requests);
    const span = { fromMs: 0, untilMs };
    const window = { part: 'span', ...span } as const;
    const counted = { ...countedIn(requests, deadlineMs, [], span), window: printWindow(window) };
    if (counted.offered === 0) return [];
    const conditions = steadyStateOf(experiment, variant, window).filter((text) => !growsWithTime(text));
    return missedBy(figuresIn(variant, counted), conditions);
  }

  /** Gives the outcome `unknown` to scheduled requests that have none. Skips a closed loop, which has no schedule. */
  function failUnended(requests: Requests): void {
    if (variants[variant]?.callers !== undefined) return;
    for (const { index, scheduledAtMs } of schedule(load, seed)) {
      if (scheduledAtMs >= untilMs) return;
      if (requests.outcome(index) !== undefined) continue;
      requests.scheduledAtMs[index] = scheduledAtMs;
      requests.decide(index, 'unknown');
    }
  }

  function end(): void {
    isLooking = true;
    looked.resolve([]);
  }

  if (experiment.steadyState.length === 0 || untilMs < leastMs) end();
  return {
    /** Resolves with the conditions that don't hold. Rejects if the record can't be read. */
    missed,
    /** Receives the time until which the record is complete. */
    recorded({ elapsedMs }: Pick<Counts, 'elapsedMs'>): void {
      if (isLooking || elapsedMs / slowMotion < untilMs + deadlineMs) return;
      isLooking = true;
      offline(look()).then(looked.resolve, looked.reject);
    },
    end,
  };
}
