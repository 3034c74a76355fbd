import { type Clock, wallTime } from '#kit/clock.ts';
import type { FaultClient } from '#kit/fault/fault-client.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { DeliveryReport } from '#kit/wire.ts';
import type { Lane, SteadyConfig } from './config.ts';
import { faultsOfRounds } from './faults.ts';
import { type Offering, offer } from './offering.ts';
import { phaseAt } from './rounds.ts';

type Faults = Pick<FaultClient, 'begin' | 'end'>;

export interface TideParts {
  readonly lanes: readonly Lane[];
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Returns a client for the faults of the dependency with this control port. */
  readonly faultsAt: (control: string) => Faults;
  /** Deletes the dead letters of the chosen events. */
  readonly purge: (isChosen: (id: string) => boolean) => Promise<void>;
}

/** Beginning of the ids of all requests, by which their dead letters are known. */
const idPrefix = 'tide-';

/** Load and faults in all lanes, the same in each. An outage of a dependency or the broker doesn't stop them. */
export class Tide {
  readonly #parts: TideParts;
  readonly #ended: (lane: string, isOk: boolean) => void;
  readonly #clients: readonly Faults[];
  readonly #born = wallTime().getTime().toString(36);
  #starts = 0;
  #startedAtMs = 0;
  #offerings: readonly Offering[] = [];
  #stopFaults = () => {};

  /** Calls `ended` at the end of each request. `isOk` is true if the request was good. */
  constructor(parts: TideParts, ended: (lane: string, isOk: boolean) => void) {
    this.#parts = parts;
    this.#ended = ended;
    const { lanes, faultsAt } = parts;
    this.#clients = lanes.flatMap(({ faults }) => (faults === undefined ? [] : faultsAt(faults)));
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
    this.#stopFaults = faultsOfRounds({
      ...{ config, clock, idOf },
      inject: ({ name, forMs, fault }) =>
        void this.#inEach(`injecting ${name}`, (client) => client.begin(name, forMs, fault)),
      roundEnded: () => void this.purge(),
    });
  }

  /** Resolves when all requests have ended, or after `withinMs`. Then neither faults nor dead letters are left. */
  async stop({ faults }: SteadyConfig, withinMs: number): Promise<void> {
    this.#stopFaults();
    const clear = faults.map(({ name }) => this.#inEach(`clearing ${name}`, (client) => client.end(name)));
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

  #inEach(what: string, act: (client: Faults) => Promise<void>): Promise<unknown> {
    return Promise.all(this.#clients.map((client) => this.#tried(what, act(client))));
  }

  /** Deletes the dead letters of the load. */
  purge = (): Promise<unknown> =>
    this.#tried(
      'deleting dead letters',
      this.#parts.purge((id) => id.startsWith(idPrefix)),
    );

  #tried(what: string, action: Promise<unknown>): Promise<unknown> {
    return action.catch((err) => this.#parts.log.warn({ err }, `${what} failed`));
  }
}
