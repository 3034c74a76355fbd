import type { Path } from '#kit/wire.ts';
import { total } from '#lab/evidence/samples.ts';
import { kindOf } from '#lab/experiment/faults/kinds.ts';
import type { Span } from '#lab/experiment/span.ts';
import type { Injected, Observation, Redriven } from '#lab/judge/observation/observation.ts';
import { leftAlone } from '#lab/judge/result/facts.ts';
import type { FaultResult, RedriveResult } from '#lab/judge/result/result.ts';
import { route } from '#lab/kit/topology/paths.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';

interface ObservedFaults extends Pick<Observation, 'injected'> {
  readonly summary: Pick<Observation['summary'], 'startedAtMs'>;
  readonly deltas: Pick<Observation['deltas'], 'downstream'>;
}

const since = (startedAtMs: number, { fromMs, untilMs }: Span): Span => ({
  fromMs: fromMs - startedAtMs,
  untilMs: untilMs - startedAtMs,
});

/** Returns the planned and the actual times of each fault, for a variant on this path. */
export const faultResults = (
  path: Path,
  faults: readonly Injected['fault'][],
  { injected, summary: { startedAtMs }, deltas }: ObservedFaults,
): FaultResult[] =>
  faults.map((fault) => {
    const { name, target, atMs, forMs } = fault;
    const kind = kindOf(fault);
    const found = injected.find((one) => one.fault.name === name);
    const state = found?.state ?? kind.state;
    const ofClass = 'class' in fault.fault && state !== leftAlone ? fault.fault.class : undefined;
    const isCounted = found && kind.isCounted && state !== leftAlone;
    return {
      name,
      target,
      ...(found?.servers && { servers: found.servers }),
      state: ofClass === undefined ? state : `${state} (class ${ofClass})`,
      onPath: route[path].includes(serviceOf(target)),
      asked: { fromMs: atMs, untilMs: atMs + forMs },
      took: found ? since(startedAtMs, { fromMs: found.beganAtMs, untilMs: found.endedAtMs }) : null,
      affected: isCounted
        ? total(deltas.downstream, 'spillway_fault_affected_total', `fault="${name}"`)
        : null,
    };
  });

/** Returns the redrives for the result, with times since the first scheduled time. */
export const redriveResults = (results: readonly Redriven[], startedAtMs: number): RedriveResult[] =>
  results.map(({ plan, took, redriven, repeated, skipped, left, failure }) => ({
    atMs: plan.atMs,
    ratePerSecond: plan.ratePerSecond,
    took: took && since(startedAtMs, took),
    redriven: redriven.length + repeated.length,
    left: skipped.length + left.length,
    failure: failure ?? skipped[0]?.reason ?? null,
  }));
