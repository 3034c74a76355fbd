import type { ModelOutcome } from '#downstream/models/model.ts';
import type { Clock } from '#kit/clock.ts';
import type { LeasedFaults } from '#kit/fault/fault-routes.ts';
import { Leases } from '#kit/fault/leases.ts';
import type { Metrics } from '#kit/metrics.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { compareKinds, createHarm, type FaultOptions, hides, problemsOf } from './config.ts';
import type { Course, Harm } from './kind.ts';

interface Active {
  readonly name: string;
  readonly options: FaultOptions;
  readonly harm: Harm;
  /** Counts whom it strikes. */
  readonly affects: { inc(): void };
}

/** Decides chance by purpose. */
type Draw = (purpose: string) => number;

const isMeant = (options: FaultOptions, ofClass: string | undefined): boolean =>
  !('class' in options) || options.class === undefined || options.class === ofClass;

/** The faults in force, each until its lease is over. */
export class Faults implements LeasedFaults<{ fault: FaultOptions }> {
  readonly #clock: Clock;
  readonly #affects;
  readonly #leases: Leases<Active>;
  /** In the order in which they act. */
  #active: readonly Active[] = [];

  /** `failed` hears of what could not be ended when its lease was over. */
  constructor(clock: Clock, metrics: Metrics, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#affects = metrics.counter('spillway_fault_affected_total');
    this.#leases = new Leases(clock, (name) => this.end(name), failed);
  }

  /** Those in force, with what is left of their leases. */
  list() {
    return this.#leases.all.map(({ name, leftMs, held: { options } }) => ({ name, leftMs, ...options }));
  }

  begin(name: string, { fault: options }: { fault: FaultOptions }, leaseMs: number): void {
    refuse(within('/fault', [...problemsOf(options), ...this.#beside(name, options)]));
    this.end(name);
    const harm = createHarm(options, this.#clock);
    const affects = this.#affects.labels({ fault: name, kind: options.kind });
    this.#leases.hold(name, { name, options, harm, affects }, leaseMs);
    this.#sort();
    harm.begin?.(leaseMs);
  }

  end(name: string): void {
    const ended = this.#leases.release(name);
    this.#sort();
    ended?.harm.end?.();
  }

  /** Ends all of them. */
  clear(): void {
    for (const { name } of this.#active) this.end(name);
  }

  /** What the model takes for so many in flight. */
  inFlight(count: number): number {
    return this.#active.reduce((seen, { harm }) => harm.inFlight?.(seen) ?? seen, count);
  }

  /** What becomes of an attempt whose fate this is, for a request of that class, where it has one. */
  course(outcome: ModelOutcome, draw: Draw, id: string, ofClass?: string): Course {
    return this.#active.reduce<Course>((course, { name, options, harm, affects }) => {
      const own: Draw = (purpose) => draw(`${name} ${purpose}`);
      if (harm.course === undefined || !isMeant(options, ofClass)) return course;
      if (own('struck') >= ('ratio' in options ? options.ratio : 1)) return course;
      const affected = harm.course(course, own, id);
      if (affected !== course) affects.inc();
      return affected;
    }, outcome);
  }

  /** What is in force that leaves nothing of a fault, or of which that would leave nothing. */
  #beside(name: string, options: FaultOptions): Problem[] {
    const other = this.#active.find(
      (active) => active.name !== name && (hides(active.options, options) || hides(options, active.options)),
    );
    if (!other) return [];
    const message = `expected either ${other.options.kind} or ${options.kind} at a time, got ${options.kind} beside "${other.name}"`;
    return [{ pointer: '/kind', message }];
  }

  #sort(): void {
    this.#active = this.#leases.all
      .map(({ held }) => held)
      .toSorted((a, b) => compareKinds(a.options, b.options));
  }
}
