import type { Experiment } from '#lab/experiment/schema.ts';
import type { VariantResult } from '#lab/result/result.ts';

export const probeName = 'probe';

/** So many timeouts long is a probe before it counts, since what is in flight grows slowly near the limit, and then. */
const timeouts = { settling: 12, counted: 8 };
const phaseMsMin = 500;

/** Calls that dependency at a constant rate, each once, with that timeout and nothing else that protects it. */
export function probeOf(experiment: Experiment, timeoutMs: number, ratePerSecond: number): Experiment {
  const phase = (name: string, times: number) => {
    const forMs = Math.max(phaseMsMin, times * timeoutMs);
    return { name, arrivals: { kind: 'constant' as const, ratePerSecond, forMs } };
  };
  return {
    ...experiment,
    repeat: 1,
    deadlineMs: timeoutMs,
    load: [phase('settling', timeouts.settling), phase('counted', timeouts.counted)],
    variants: {
      [probeName]: { path: 'rpc', description: '', policies: [{ timeout: { ms: timeoutMs } }] },
    },
    faults: [],
    redrives: [],
    steadyState: [],
    hypothesis: [],
  };
}

/** Of the attempts, so many may run into the timeout, fail by the load, or find no connection to be sent on. */
const missedShare = 0.05;

/** The parts of the attempts of a probe that its load kept from being done. */
export interface Missed {
  readonly timeout: number;
  readonly failed: number;
  readonly unsent: number;
}

/** What a probe missed, once it had settled, where the dependency fails `failureRatio` of the attempts at any load, and of them two standard errors more or less. */
export function missedIn(result: VariantResult, failureRatio: number): Missed {
  const { offered, outcomes } = countedIn(result);
  const own = offered * failureRatio + 2 * Math.sqrt(offered * failureRatio * (1 - failureRatio));
  const part = (count: number) => count / Math.max(1, offered);
  return {
    timeout: part(outcomes.timeout),
    failed: part(Math.max(0, outcomes.failed - own)),
    unsent: part(outcomes.unsent),
  };
}

/** Returns the figures of the phase that counts. */
export function countedIn({ windows = [] }: VariantResult) {
  const counted = windows.find(({ name }) => name === 'phase counted');
  if (!counted) throw new Error('a probe has a phase that counts');
  return counted;
}

/** Whether a dependency kept up; nobody knows where the generator did not, so that no higher rate tells more. */
export const keptUp = ({ timeout, failed, unsent }: Missed): boolean =>
  timeout + failed + unsent <= missedShare;
