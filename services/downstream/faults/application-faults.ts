import type { TObject } from 'typebox';
import type { ModelOutcome } from '#downstream/models.ts';
import type { Draw } from '#downstream/times.ts';
import { type Clock, serially } from '#kit/clock.ts';
import { type LeasedFault, LeasedFaults } from '#kit/fault/leased-faults.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { ApplicationFault, AttemptOutcome, FaultEffect, Halt } from './application-fault.ts';
import { haltProcess } from './attempts.ts';
import { type ApplicationFaultOptions, applicationFaults } from './config.ts';

interface Active extends LeasedFault<ApplicationFaultOptions> {
  readonly effect: FaultEffect;
  readonly affected: { inc(): void };
}

const order = Object.keys(applicationFaults);

/**
 * Returns downstream's faults, and functions that apply the active ones to attempts. `failed` receives the error if a
 * fault can't be cleared when its lease ends.
 */
export function faultsOf(
  clock: Clock,
  metrics: Metrics,
  failed: (error: unknown) => void,
  halt: Halt = haltProcess,
) {
  const counter = metrics.counter('spillway_fault_affected_total');
  /** In the order in which the faults act. */
  let active: readonly Active[] = [];
  const injection = {
    begin(one: LeasedFault<ApplicationFaultOptions>, leaseMs: number) {
      const { name, fault } = one;
      const kind = applicationFaults[fault.kind] as unknown as ApplicationFault<TObject>;
      const effect = kind.create(fault, clock, halt);
      const affected = counter.labels({ fault: name, kind: fault.kind });
      active = [...active, { ...one, effect, affected }].toSorted(
        (a, b) => order.indexOf(a.fault.kind) - order.indexOf(b.fault.kind),
      );
      effect.begin?.(leaseMs);
    },
    end({ name }: LeasedFault<ApplicationFaultOptions>) {
      const ended = active.find((one) => one.name === name);
      active = active.filter((one) => one !== ended);
      ended?.effect.end?.();
    },
    change: serially(),
  };
  return {
    leased: new LeasedFaults(applicationFaults, injection, clock, failed),
    /** Returns the number of attempts in flight with which the model computes under the active faults. */
    inFlight: (count: number): number =>
      active.reduce((seen, { effect }) => effect.inFlight?.(seen) ?? seen, count),
    /** Returns the outcome of an attempt under the active faults. `before` is its outcome without faults. */
    outcome: (before: ModelOutcome, draw: Draw, id: string, ofClass?: string): AttemptOutcome =>
      active.reduce<AttemptOutcome>((outcome, { name, fault, effect, affected }) => {
        const own: Draw = (purpose) => draw(`${name} ${purpose}`);
        const { ratio = 1, class: only } = fault as { ratio?: number; class?: string };
        if ((only !== undefined && only !== ofClass) || own('struck') >= ratio) return outcome;
        const next = effect.outcome?.(outcome, own, id) ?? withDelivery(outcome, effect);
        if (next !== outcome) affected.inc();
        return next;
      }, before),
  };
}

const withDelivery = (outcome: AttemptOutcome, { deliver }: FaultEffect): AttemptOutcome =>
  deliver ? { ...outcome, deliver } : outcome;
