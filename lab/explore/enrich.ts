import type { Conducted } from '#lab/conduct/conduct.ts';
import type { Plan } from '#lab/conduct/plan.ts';
import type { Result } from '#lab/judge/result/result.ts';

/** Adds what simulations say to the result of a run. Resolves with the result as it was if they say nothing. */
export type Step = (plan: Plan, conducted: Conducted) => Promise<Result>;

/** Takes one step after the other, each with the result of the one before. */
export async function enrich(plan: Plan, conducted: Conducted, steps: readonly Step[]): Promise<Conducted> {
  let enriched = conducted;
  for (const step of steps) enriched = { ...enriched, result: await step(plan, enriched) };
  return enriched;
}
