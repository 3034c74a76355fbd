import type { Observation } from '#lab/analysis/observation/observation.ts';
import { plural } from '#lab/text/format.ts';
import type { Probe } from './probe.ts';

/** Checks that no one but the lab has changed the testbed while the variant ran. */
export function tampering({ byHand, stalls }: Pick<Observation, 'byHand' | 'stalls'>): Probe[] {
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
    {
      name: 'stalls not recorded',
      measured: stalls.incomplete.length,
      limit: 0,
      unit: 'processes',
      finding: `the list of stalls was full in ${stalls.incomplete.join(', ')}`,
      meaning: 'So a stall may have gone unseen.',
      remedy: 'Offer less, or run for a shorter time.',
    },
  ];
}
