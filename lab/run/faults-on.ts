import type { Fault } from '#lab/chaos/faults.ts';
import { kindOf } from '#lab/chaos/kinds.ts';
import type { FaultResult } from '#lab/result.ts';
import type { Observation } from './variant.ts';

/** The processes that a request of each path passes. */
const passed: Record<'rpc' | 'event', readonly Fault['target'][]> = {
  rpc: ['gateway', 'downstream'],
  event: ['publisher', 'nats', 'consumer', 'downstream'],
};

/** Of the faults that took, those that harm a path. */
export const faultsOn = (
  path: 'rpc' | 'event',
  {
    injected,
    summary,
  }: Pick<Observation, 'injected'> & { readonly summary: { readonly startedAtMs: number } },
): FaultResult[] =>
  injected
    .filter(({ fault }) => passed[path].includes(fault.target))
    .map(({ fault: { target, fault }, beganAtMs, endedAtMs }) => ({
      target,
      done: kindOf(fault).done,
      fromMs: beganAtMs - summary.startedAtMs,
      untilMs: endedAtMs - summary.startedAtMs,
    }));
