import type { Fact } from './facts/fact.ts';
import { excess, stragglers, stuckTrial, trials } from './facts/half-open.ts';
import { amplification, defaults, errors, hedges, idempotence, retryAfter, spread } from './facts/retries.ts';
import { cancellation, cancelledWait, leaks, limitedWork, neighbours, refusals } from './facts/work.ts';

/** Facts by their names, in the order in which they are shown. */
export const facts = {
  trials,
  excess,
  stragglers,
  stuckTrial,
  refusals,
  limitedWork,
  cancellation,
  cancelledWait,
  neighbours,
  spread,
  retryAfter,
  amplification,
  hedges,
  errors,
  leaks,
  defaults,
  idempotence,
} satisfies Record<string, Fact>;

export type FactName = keyof typeof facts;

export const factNames = Object.keys(facts) as FactName[];
