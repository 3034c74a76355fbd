import { type Clock, serially, type Timer, wallTime } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { DeliveryReport } from '#kit/wire.ts';
import { durationMs } from '#load/phases.ts';
import type { Lane, RoundFault, SteadyConfig } from './config.ts';
import { type Offering, offer } from './offering.ts';
import { phaseAt, type Round, roundsOf } from './rounds.ts';

export interface TideParts {
  readonly lanes: readonly Lane[];
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Injects a fault into the dependency with this control port. Without `injected`, clears the fault. */
  readonly changeFault: (
    control: string,
    name: string,
    injected?: { readonly leaseMs: number; readonly fault: object },
  ) => Promise<void>;
  readonly purge: (isChosen: (id: string) => boolean) => Promise<void>;
}

/** Beginning of the ids of all requests, by which their dead letters are known. */
const idPrefix = 'tide-';

/** Load and faults in all lanes, the same in each. An outage of a dependency or the broker doesn't stop them. */
export class Tide {
  readonly #parts: TideParts;
  readonly #ended: (lane: string, isOk: boolean) => void;
  readonly #born = wallTime().getTime().toString(36);
  #starts = 0;
  #startedAtMs = 0;
  #offerings: readonly Offering[] = [];
  #timers: readonly Timer[] = [];
  /** Changes faults one after the other, so that a fault is cleared after it was injected. */
  readonly #inOrder = serially();

  /** Calls `ended` at the end of each request. `isOk` is true if the request was good. */
  constructor(parts: TideParts, ended: (lane: string, isOk: boolean) => void) {
    this.#parts = parts;
    this.#ended = ended;
  }

  start(config: SteadyConfig): void {
    const { lanes, clock } = this.#parts;
    const prefix = `${idPrefix}${this.#born}.${this.#starts++}`;
    const idOf = (index: number) => `${prefix}-${index}`;
    this.#startedAtMs = clock.now();
    this.#offerings = lanes.map((lane) => {
      const ended = (isOk: boolean) => this.#ended(lane.name, isOk);
      return offer({ ...this.#parts, lane, idOf, config, ended });
    });
    this.#injectInRounds(config, idOf);
  }

  /** Resolves when all requests have ended, or after `withinMs`. Then neither faults nor dead letters are left. */
  async stop({ faults }: SteadyConfig, withinMs: number): Promise<void> {
    for (const timer of this.#timers) this.#parts.clock.cancel(timer);
    const clear = faults.map(({ name }) => this.#changeFault(name));
    await Promise.all([...clear, ...this.#offerings.map((offering) => offering.stop(withinMs))]);
    this.#offerings = [];
    await this.purge();
  }

  reported = (report: DeliveryReport): void => {
    for (const offering of this.#offerings) offering.reported(report);
  };

  /** Returns the index of the current phase; undefined if the tide has been stopped. */
  phaseOf({ phases }: SteadyConfig): number | undefined {
    if (this.#offerings.length === 0) return undefined;
    return phaseAt(phases, this.#parts.clock.now() - this.#startedAtMs);
  }

  purge = (): Promise<void> =>
    this.#tried(
      'deleting dead letters',
      this.#parts.purge((id) => id.startsWith(idPrefix)),
    );

  #injectInRounds({ phases, faults, seed }: SteadyConfig, idOf: (index: number) => string): void {
    const { clock } = this.#parts;
    const rounds = roundsOf(phases, seed);
    const begin = ({ startMs, firstIndex }: Round) => {
      const at = (ms: number, act: () => void) =>
        clock.after(this.#startedAtMs + startMs + ms - clock.now(), act);
      const own = (id: string) => idOf(firstIndex + Number(id.slice(1)));
      const inject = ({ name, forMs, fault: { ids, ...fault } }: RoundFault) =>
        void this.#changeFault(name, {
          leaseMs: forMs,
          fault: { ...fault, ...(ids && { ids: ids.map(own) }) },
        });
      const end = () => {
        void this.purge();
        begin(rounds.next().value);
      };
      this.#timers = [
        ...faults.map((fault) => at(fault.atMs, () => inject(fault))),
        at(durationMs(phases), end),
      ];
    };
    begin(rounds.next().value);
  }

  async #changeFault(name: string, ...injected: [{ leaseMs: number; fault: object }?]): Promise<void> {
    const controls = this.#parts.lanes.flatMap(({ faults }) => faults ?? []);
    const change = (control: string) =>
      this.#tried(`changing the fault ${name}`, this.#parts.changeFault(control, name, ...injected));
    await this.#inOrder(() => Promise.all(controls.map(change)));
  }

  #tried(what: string, action: Promise<void>): Promise<void> {
    return action.catch((err) => this.#parts.log.warn({ err }, `${what} failed`));
  }
}
