import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { isHop } from '#lab/kit/topology/hops.ts';

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({ faults, variants }: Pick<Experiment, 'faults' | 'variants'>): LocatedProblem[] {
  const problems: LocatedProblem[] = [];
  const refuse = (pointer: string, what: string) =>
    void problems.push({ pointer, message: `not simulated: ${what}` });
  for (const [name, variant] of Object.entries(variants)) {
    const servers = variant.path === 'event' ? variant.broker.servers : 1;
    if (servers > 1)
      refuse(`/variants/${escapePointer(name)}/broker/servers`, `a broker of ${servers} servers`);
    if ('command' in variant) refuse(`/variants/${escapePointer(name)}/command`, 'a server of yours');
  }
  for (const [index, { target, fault }] of faults.entries()) {
    if (!isHop(target)) continue;
    if (fault.kind === 'bandwidth')
      refuse(`/faults/${index}/fault`, 'bandwidth, since messages have no bytes');
    else if ('toxicity' in fault && fault.toxicity < 1)
      refuse(`/faults/${index}/fault/toxicity`, 'a fault of some connections');
    else if ('jitterMs' in fault && fault.jitterMs > 0) refuse(`/faults/${index}/fault/jitterMs`, 'jitter');
  }
  return problems;
}
