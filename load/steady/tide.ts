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

/** Returns load and faults in all lanes, the same in each. An outage of a dependency or the broker doesn't stop them. */
export function tideOf(parts: TideParts) {
  const { lanes, clock, log } = parts;
  const born = wallTime().getTime().toString(36);
  const proven = new Set<string>();
  /** Changes faults one after the other, so that a fault is cleared after it was injected. */
  const inOrder = serially();
  let starts = 0;
  let startedAtMs = 0;
  let offerings: readonly Offering[] = [];
  let timers: readonly Timer[] = [];

  const tried = (what: string, action: Promise<void>): Promise<void> =>
    action.catch((err) => log.warn({ err }, `${what} failed`));
  const isOwn = (id: string) => id.startsWith(idPrefix);
  const purge = () => tried('deleting dead letters', parts.purge(isOwn));
  const changeFault = async (name: string, ...injected: [{ leaseMs: number; fault: object }?]) => {
    const controls = lanes.flatMap(({ faults }) => faults ?? []);
    const change = (control: string) =>
      tried(`changing the fault ${name}`, parts.changeFault(control, name, ...injected));
    await inOrder(() => Promise.all(controls.map(change)));
  };
  const injectInRounds = ({ phases, faults, seed }: SteadyConfig, idOf: (index: number) => string) => {
    const rounds = roundsOf(phases, seed);
    const begin = ({ startMs, firstIndex }: Round) => {
      const at = (ms: number, act: () => void) => clock.after(startedAtMs + startMs + ms - clock.now(), act);
      const own = (id: string) => idOf(firstIndex + Number(id.slice(1)));
      const inject = ({ name, forMs, fault: { ids, ...fault } }: RoundFault) =>
        void changeFault(name, { leaseMs: forMs, fault: { ...fault, ...(ids && { ids: ids.map(own) }) } });
      const end = () => {
        void purge();
        begin(rounds.next().value);
      };
      timers = [...faults.map((fault) => at(fault.atMs, () => inject(fault))), at(durationMs(phases), end)];
    };
    begin(rounds.next().value);
  };
  return {
    /** Lanes in which a request has succeeded. */
    proven: proven as ReadonlySet<string>,
    purge,
    start(config: SteadyConfig): void {
      const prefix = `${idPrefix}${born}.${starts++}`;
      const idOf = (index: number) => `${prefix}-${index}`;
      startedAtMs = clock.now();
      const offered = (lane: Lane) =>
        offer({ ...parts, lane, idOf, config, succeeded: () => proven.add(lane.name) });
      offerings = lanes.map(offered);
      injectInRounds(config, idOf);
    },
    /** Resolves when all requests have ended, or after `withinMs`. Then neither faults nor dead letters are left. */
    async stop({ faults }: SteadyConfig, withinMs: number): Promise<void> {
      for (const timer of timers) clock.cancel(timer);
      const clear = faults.map(({ name }) => changeFault(name));
      await Promise.all([...clear, ...offerings.map((offering) => offering.stop(withinMs))]);
      offerings = [];
      await purge();
    },
    reported(report: DeliveryReport): void {
      for (const offering of offerings) offering.reported(report);
    },
    /** Returns the index of the current phase; undefined if the tide has been stopped. */
    phaseOf: ({ phases }: SteadyConfig): number | undefined =>
      offerings.length === 0 ? undefined : phaseAt(phases, clock.now() - startedAtMs),
  };
}
