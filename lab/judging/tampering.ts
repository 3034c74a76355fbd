import { plural } from '#lab/format.ts';
import type { Observation } from '#lab/run/observe.ts';
import type { Probe } from './probe.ts';

/** Checks that no one but the lab has changed the testbed while the variant ran. */
export function tampering({ byHand }: Pick<Observation, 'byHand'>): Probe[] {
  return [
    {
      name: 'changes by hand',
      measured: byHand.length,
      limit: 0,
      unit: 'changes',
      finding: `the testbed was changed by others than the lab, in ${plural(byHand.length, 'way')}: ${byHand.join('; ')}`,
      meaning: 'So the experiment was not the one described.',
      remedy: 'Leave configurations, faults and proxies alone while a run is under way.',
    },
  ];
}
