import type { Path } from '#kit/wire.ts';
import type { Injected } from '#lab/analysis/observation/observation.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import { kindOf } from '#lab/faults/kinds.ts';
import { type FaultResult, leftAlone } from '#lab/result/incidents.ts';
import { route } from '#lab/topology/paths.ts';
import { serviceOf } from '#lab/topology/replicas.ts';

type Fault = Injected['fault'];

interface Observed {
  readonly injected: readonly Injected[];
  readonly unsteady: readonly unknown[];
  readonly summary: { readonly startedAtMs: number };
  readonly deltas: { readonly downstream: Samples };
}

/** What is done to whom, where it strikes one class of requests alone. */
const toWhom = (done: string, { fault }: Fault): string =>
  done !== leftAlone && 'class' in fault && fault.class !== undefined
    ? `${done} (class ${fault.class})`
    : done;

/** How many attempts downstream says that it struck. */
function affectedBy({ fault, done }: Injected, downstream: Samples): number | null {
  const { scope = 'none' } = kindOf(fault);
  if (scope === 'none' || done === leftAlone) return null;
  return total(downstream, 'spillway_fault_affected_total', `fault="${fault.name}"`);
}

/** What was asked of each fault and what came of it, in a variant on this path. */
export const faultResults = (
  path: Path,
  faults: readonly Fault[],
  { injected, unsteady, summary: { startedAtMs }, deltas }: Observed,
): FaultResult[] =>
  faults.map((fault) => {
    const { name, target, atMs, forMs } = fault;
    const found = injected.find((one) => one.fault.name === name);
    return {
      name,
      target,
      done: toWhom(found?.done ?? (unsteady.length > 0 ? leftAlone : kindOf(fault).state), fault),
      onPath: route[path].includes(serviceOf(target)),
      asked: { fromMs: atMs, untilMs: atMs + forMs },
      took: found ? { fromMs: found.beganAtMs - startedAtMs, untilMs: found.endedAtMs - startedAtMs } : null,
      affected: found ? affectedBy(found, deltas.downstream) : null,
    };
  });
