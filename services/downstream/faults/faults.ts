import type { Fate } from '#downstream/models/model.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import { compareKinds, createHarm, type FaultOptions } from './config.ts';
import type { Course, Harm } from './kind.ts';

interface Active {
  readonly name: string;
  readonly options: FaultOptions;
  readonly harm: Harm;
  readonly endAtMs: number;
  readonly timer: Timer;
}

/** Decides chance by purpose. */
type Draw = (purpose: string) => number;

/** The faults in force, each until its lease is over. */
export class Faults {
  readonly #clock: Clock;
  /** In the order in which they act. */
  #active: readonly Active[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those in force, with what is left of their leases. */
  list() {
    const nowMs = this.#clock.now();
    return this.#active.map(({ name, options, endAtMs }) => ({ name, leftMs: endAtMs - nowMs, ...options }));
  }

  /** Begins a fault, in place of one of the same name. */
  begin(name: string, options: FaultOptions, leaseMs: number): void {
    this.end(name);
    const harm = createHarm(options, this.#clock);
    const endAtMs = this.#clock.now() + leaseMs;
    const timer = this.#clock.after(leaseMs, () => this.end(name));
    this.#active = [...this.#active, { name, options, harm, endAtMs, timer }].toSorted((a, b) =>
      compareKinds(a.options, b.options),
    );
    harm.begin?.(leaseMs);
  }

  /** Ends a fault, where there is one. */
  end(name: string): void {
    const ended = this.#active.find((each) => each.name === name);
    if (ended === undefined) return;
    this.#active = this.#active.filter((each) => each !== ended);
    this.#clock.cancel(ended.timer);
    ended.harm.end?.();
  }

  /** Ends all of them. */
  clear(): void {
    for (const { name } of this.#active) this.end(name);
  }

  /** What the model takes for so many in flight. */
  inFlight(count: number): number {
    return this.#active.reduce((seen, { harm }) => harm.inFlight?.(seen) ?? seen, count);
  }

  /** What becomes of an attempt whose fate this is. */
  course(fate: Fate, draw: Draw, id: string): Course {
    return this.#active.reduce<Course>((course, { name, options, harm }) => {
      const own: Draw = (purpose) => draw(`${name} ${purpose}`);
      if (harm.course === undefined || own('struck') >= ('ratio' in options ? options.ratio : 1))
        return course;
      return harm.course(course, own, id);
    }, fate);
  }
}
