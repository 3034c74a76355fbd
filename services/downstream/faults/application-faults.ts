import type { TObject } from 'typebox';
import type { ModelOutcome } from '#downstream/models/model.ts';
import { type Clock, serially } from '#kit/clock.ts';
import { type LeasedFault, LeasedFaults } from '#kit/fault/leased-faults.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { ApplicationFault, AttemptOutcome, Draw, FaultEffect } from './application-fault.ts';
import { type ApplicationFaultOptions, applicationFaults } from './config.ts';

interface Active extends LeasedFault<ApplicationFaultOptions> {
  readonly effect: FaultEffect;
  readonly affected: { inc(): void };
}

const order = Object.keys(applicationFaults);

/** Applies the faults in force to attempts. */
export class ApplicationFaults {
  readonly leased: LeasedFaults<ApplicationFaultOptions>;
  /** In the order in which they act. */
  #active: readonly Active[] = [];

  /** `failed` receives the error of a fault that can't be ended when its lease is over. */
  constructor(clock: Clock, metrics: Metrics, failed: (error: unknown) => void) {
    const affected = metrics.counter('spillway_fault_affected_total');
    this.leased = new LeasedFaults(
      applicationFaults,
      {
        begin: (one, leaseMs) => {
          const { name, fault } = one;
          const kind = applicationFaults[fault.kind] as unknown as ApplicationFault<TObject>;
          const effect = kind.create(fault, clock);
          const active = { ...one, effect, affected: affected.labels({ fault: name, kind: fault.kind }) };
          this.#active = [...this.#active, active].toSorted(
            (a, b) => order.indexOf(a.fault.kind) - order.indexOf(b.fault.kind),
          );
          effect.begin?.(leaseMs);
        },
        end: ({ name }) => {
          const ended = this.#active.find((active) => active.name === name);
          this.#active = this.#active.filter((active) => active !== ended);
          ended?.effect.end?.();
        },
        change: serially(),
      },
      clock,
      failed,
    );
  }

  /** Attempts in flight as the model sees them. */
  inFlight(count: number): number {
    return this.#active.reduce((seen, { effect }) => effect.inFlight?.(seen) ?? seen, count);
  }

  /** Outcome of an attempt that would have this one without faults; `ofClass` is its request's class, if any. */
  outcome(outcome: ModelOutcome, draw: Draw, id: string, ofClass?: string): AttemptOutcome {
    return this.#active.reduce<AttemptOutcome>((outcome, { name, fault, effect, affected }) => {
      const own: Draw = (purpose) => draw(`${name} ${purpose}`);
      const { ratio = 1, class: only } = fault as { ratio?: number; class?: string };
      if ((only !== undefined && only !== ofClass) || own('struck') >= ratio) return outcome;
      const next = effect.outcome?.(outcome, own, id) ?? withDelivery(outcome, effect);
      if (next !== outcome) affected.inc();
      return next;
    }, outcome);
  }
}

const withDelivery = (outcome: AttemptOutcome, { deliver }: FaultEffect): AttemptOutcome =>
  deliver ? { ...outcome, deliver } : outcome;
