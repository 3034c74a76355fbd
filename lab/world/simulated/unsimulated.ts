import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { isHop, receiverOf } from '#lab/experiment/topology/hops.ts';

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
    const isWhole =
      fault.kind === 'down' ||
      (fault.kind === 'blackhole' && fault.stream === 'both' && fault.closeAfterMs === 0);
    if (receiverOf(target) !== 'nats') refuse(`/faults/${index}/target`, `a fault of ${target}`);
    else if (!isWhole)
      refuse(`/faults/${index}/fault`, `a fault of ${target} other than down, and blackhole without options`);
  }
  return problems;
}
