import type { Static } from 'typebox';
import { stream } from '#kit/random.ts';
import { InvalidError, type Problem, within } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { limits, type Plan } from './arrivals/arrival.ts';
import { Arrivals, checkArrivals, planArrivals } from './arrivals/kinds.ts';

export const Phase = strict({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'For reports.' })),
  arrivals: Arrivals,
});
export type Phase = Static<typeof Phase>;

export const Load = Type.Array(Phase, {
  minItems: 1,
  maxItems: 100,
  description: `Phases, run one after another; at most ${limits.requests.toLocaleString('en')} requests in all.`,
});
export type Load = Static<typeof Load>;

export interface Scheduled {
  readonly index: number;
  readonly scheduledAtMs: number;
}

/** Yields the requests of a load in the order of their times. The same seed yields the same requests. */
export function* schedule(load: readonly Phase[], seed: number): Generator<Scheduled, void, undefined> {
  let index = 0;
  let startMs = 0;
  for (const { durationMs, scheduledAtMs } of plans(load, seed)) {
    for (const atMs of scheduledAtMs) yield { index: index++, scheduledAtMs: startMs + atMs };
    startMs += durationMs;
  }
}

/** Latest number of requests of a load. To count random arrivals takes as long as to draw them. */
const totals = new WeakMap<object, { readonly seed: number; readonly total: number }>();

/** Returns the number of requests in a load. Throws InvalidError if there are more than the limit. */
export function planned(load: readonly (Phase | undefined)[], seed: number): number {
  const known = totals.get(load);
  if (known?.seed === seed) return known.total;
  let total = 0;
  for (const { count, scheduledAtMs } of plans(load, seed)) {
    if (count !== undefined) total += count;
    else for (const _ of scheduledAtMs) if (++total > limits.requests) break;
    if (total > limits.requests) throw new InvalidError([tooMany]);
  }
  totals.set(load, { seed, total });
  return total;
}

export const durationMs = (load: readonly Phase[]): number =>
  plans(load, 0).reduce((total, plan) => total + plan.durationMs, 0);

/** Returns the names of phases. A phase without a name gets its number, from 1. */
export const phaseNames = (load: readonly (Phase | undefined)[]): string[] =>
  load.map((phase, index) => phase?.name ?? String(index + 1));

export function phaseSpans(load: readonly Phase[]) {
  let fromMs = 0;
  const names = phaseNames(load);
  return Array.from(plans(load, 0), ({ durationMs }, index) => {
    const span = { fromMs, untilMs: fromMs + durationMs };
    fromMs = span.untilMs;
    return { name: names[index]!, span };
  });
}

/** Returns contradictions, and too many requests. Pointers start at the load. Skips undefined phases. */
export function checkLoad(load: readonly (Phase | undefined)[], seed: number): Problem[] {
  const problems = load.flatMap((phase, index) =>
    within(`/${index}/arrivals`, phase ? checkArrivals(phase.arrivals) : []),
  );
  if (problems.length > 0) return problems;
  try {
    planned(load, seed);
    return [];
  } catch (error) {
    if (error instanceof InvalidError) return [...error.problems];
    throw error;
  }
}

const tooMany = { pointer: '', message: `expected at most ${limits.requests} requests in all phases` };

function* plans(load: readonly (Phase | undefined)[], seed: number): Generator<Plan, void, undefined> {
  for (const [index, phase] of load.entries())
    if (phase) yield planArrivals(phase.arrivals, stream(seed, `arrivals:${index}`));
}
