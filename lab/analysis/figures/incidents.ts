import type { Path } from '#kit/wire.ts';
import type { Injected, Redriven } from '#lab/analysis/observation/observation.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import { kindOf } from '#lab/faults/kinds.ts';
import { type FaultResult, leftAlone, type RedriveResult } from '#lab/result/result.ts';
import { route } from '#lab/topology/paths.ts';
import { serviceOf } from '#lab/topology/replicas.ts';

type Fault = Injected['fault'];

interface ObservedFaults {
  readonly injected: readonly Injected[];
  readonly unsteady: readonly unknown[];
  readonly summary: { readonly startedAtMs: number };
  readonly deltas: { readonly downstream: Samples };
}

/** Adds the class of requests, if the fault affects only one. */
const withClass = (done: string, { fault }: Fault): string =>
  done !== leftAlone && 'class' in fault && fault.class !== undefined
    ? `${done} (class ${fault.class})`
    : done;

/** Returns the number of affected attempts that downstream counted. */
function affectedBy({ fault, done }: Injected, downstream: Samples): number | null {
  const { scope = 'none' } = kindOf(fault);
  if (scope === 'none' || done === leftAlone) return null;
  return total(downstream, 'spillway_fault_affected_total', `fault="${fault.name}"`);
}

/** Returns the planned and the actual times of each fault, in a variant on this path. */
export const faultResults = (
  path: Path,
  faults: readonly Fault[],
  { injected, unsteady, summary: { startedAtMs }, deltas }: ObservedFaults,
): FaultResult[] =>
  faults.map((fault) => {
    const { name, target, atMs, forMs } = fault;
    const found = injected.find((one) => one.fault.name === name);
    return {
      name,
      target,
      done: withClass(found?.done ?? (unsteady.length > 0 ? leftAlone : kindOf(fault).state), fault),
      onPath: route[path].includes(serviceOf(target)),
      asked: { fromMs: atMs, untilMs: atMs + forMs },
      took: found ? { fromMs: found.beganAtMs - startedAtMs, untilMs: found.endedAtMs - startedAtMs } : null,
      affected: found ? affectedBy(found, deltas.downstream) : null,
    };
  });

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
