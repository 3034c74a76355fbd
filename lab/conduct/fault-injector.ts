import type { TObject } from 'typebox';
import type { Broker } from '#kit/broker/client.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { strict } from '#kit/schema/schema.ts';
import type { Configs } from '#lab/experiment/configs.ts';
import type { FaultContext, Injectable, Place } from '#lab/experiment/faults/injectable.ts';
import { kindOf } from '#lab/experiment/faults/kinds.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import type { Injected } from '#lab/judge/observation/observation.ts';
import { leftAlone } from '#lab/judge/result/facts.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { isHop } from '#lab/kit/topology/hops.ts';
import { type ServerName, type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import { isSameTarget, namesOf, processesOf, serviceOf } from '#lab/kit/topology/replicas.ts';
import { isRole, isServers, serversIn } from '#lab/kit/topology/servers.ts';
import type { Scraper } from './scraper.ts';
import type { VariantTestbed } from './variant-testbed.ts';

interface InjectorParts extends FaultContext, Pick<VariantTestbed, 'broker' | 'clock' | 'signal'> {
  readonly experiment: Pick<Experiment, 'faults' | 'replicas'>;
  readonly configs: Configs;
  readonly counterDeltas: Pick<Scraper, 'resumed'> & {
    scrape(names: readonly ServiceProcess[], withinMs: number): Promise<void>;
  };
  readonly withoutFaults?: boolean | undefined;
  /** Receives each injected fault when it is cleared. */
  readonly injected?: (one: Injected) => void;
  /** Receives the active faults when they change. */
  readonly changed?: (active: readonly Fault[]) => void;
}

/** Maximum wait for the last counters of a busy process before a fault begins. */
const lastScrapeMs = 250;

const isService = (target: Place): target is ServiceProcess =>
  serviceNames.some((name) => name === serviceOf(target));

/** Kind of fault that replaces every other kind in a control. It does nothing. */
const noOp: Injectable<TObject, Place> = {
  options: strict({}),
  state: leftAlone,
  begin: async () => undefined,
  end: async () => undefined,
};

export class FaultInjector {
  readonly #failing = Promise.withResolvers<never>();
  /** Rejects as soon as a fault can't be injected or cleared. Never resolves. */
  readonly failed = this.#failing.promise;
  readonly #fail = this.#failing.reject;
  readonly #parts: InjectorParts;
  readonly #stop = new AbortController();
  readonly #uncleared: unknown[] = [];
  /** Active faults. A fault that affects several processes or hops is in the list once for each. */
  #active: readonly Fault[] = [];
  #injections: readonly Promise<Injected | undefined>[] = [];

  constructor(parts: InjectorParts) {
    this.#parts = parts;
    this.failed.catch(() => undefined);
  }

  /** Injects each fault at its time, but not before earlier faults of the same target are cleared. */
  begin(startedAtMs: number): void {
    const { experiment, signal } = this.#parts;
    const over = AbortSignal.any([signal, this.#stop.signal]);
    const injections = new Map<Fault, Promise<Injected | undefined>>();
    for (const fault of experiment.faults.toSorted((a, b) => a.atMs - b.atMs)) {
      const earlier = [...injections].flatMap(([other, injection]) =>
        isSameTarget(other.target, fault.target) && other.atMs + other.forMs <= fault.atMs ? [injection] : [],
      );
      const injection = this.#inject(fault, startedAtMs, over, earlier);
      injection.catch(this.#fail);
      injections.set(fault, injection);
    }
    this.#injections = [...injections.values()];
  }

  /** Resolves with the injected faults when all are cleared. */
  async ended(): Promise<Injected[]> {
    return (await Promise.all(this.#injections)).filter((one) => one !== undefined);
  }

  /** Clears all faults, and injects no more. Resolves with the errors of those that could not be cleared. */
  async stop(): Promise<readonly unknown[]> {
    this.#stop.abort();
    await Promise.allSettled(this.#injections);
    return this.#uncleared;
  }

  async #inject(
    fault: Fault,
    startedAtMs: number,
    over: AbortSignal,
    earlier: readonly Promise<unknown>[],
  ): Promise<Injected | undefined> {
    const { clock, counterDeltas } = this.#parts;
    const kind = this.#kindOf(fault);
    const until = (ms: number) =>
      sleep(Math.max(0, startedAtMs + ms - clock.now()), clock, over).catch(() => undefined);
    await until(fault.atMs);
    await Promise.all(earlier);
    if (over.aborted) return undefined;
    const { places, servers } = await this.#placesOf(fault);
    // A fault that may destroy counters begins only after the counters of all its targets have been read.
    const lastScrape = (place: ServiceProcess) =>
      counterDeltas.scrape([place], lastScrapeMs).catch(() => undefined);
    if (kind.exclusive) await Promise.all(places.filter(isService).map(lastScrape));
    const affected = places.map((target) =>
      this.#affect(fault, target, () => until(fault.atMs + fault.forMs)),
    );
    for (const each of affected) each.catch(this.#fail);
    // If the fault can't be injected into a target, it is still cleared on the other targets.
    await Promise.allSettled(affected);
    const spans = await Promise.all(affected);
    const beganAtMs = Math.max(...spans.map((span) => span.beganAtMs));
    const endedAtMs = Math.max(...spans.map((span) => span.endedAtMs));
    const injected = {
      fault,
      state: kind.state,
      ...(servers && { servers: [...servers] }),
      beganAtMs,
      endedAtMs,
    };
    this.#parts.injected?.(injected);
    return injected;
  }

  /** Injects a fault into one process or hop, and clears it, even if the injection failed. */
  async #affect(fault: Fault, target: Place, isOver: () => Promise<void>) {
    const { clock, configs, counterDeltas } = this.#parts;
    const { name, forMs, fault: options } = fault;
    const kind = this.#kindOf(fault);
    const config = isHop(fault.target) ? undefined : configs[serviceOf(fault.target)];
    const injection = { name, target, forMs, options, config };
    let beganAtMs: number | undefined;
    const clear = async () => {
      await kind.end(this.#parts, injection).catch((reason) => {
        this.#uncleared.push(reason);
        throw reason;
      });
      if (beganAtMs !== undefined) this.#setActive(this.#active.toSpliced(this.#active.indexOf(fault), 1));
    };
    try {
      await kind.begin(this.#parts, injection);
      beganAtMs = clock.now();
      this.#setActive([...this.#active, fault]);
      const ending = new AbortController();
      await Promise.all([
        kind.during?.(this.#parts, injection, ending.signal),
        isOver().then(() => ending.abort()),
      ]);
    } catch (error) {
      this.#fail(error); // before clearing the fault, which may take long
      await clear().catch(() => undefined);
      throw error;
    }
    await clear();
    const endedAtMs = clock.now();
    if (kind.stops?.(options) && isService(target)) await counterDeltas.resumed(target);
    return { beganAtMs, endedAtMs };
  }

  /** Returns the processes or hops of a fault. Asks the broker for its leader if the target is a role. */
  async #placesOf(fault: Fault): Promise<{ places: readonly Place[]; servers?: readonly ServerName[] }> {
    const { experiment, configs, broker, clock } = this.#parts;
    const { target } = fault;
    if (!isServers(target)) return { places: processesOf(target as ServiceProcess, experiment.replicas) };
    const all = namesOf('nats', configs.nats.servers);
    const servers = await serversIn(target, all, () => leaderOf(broker, clock));
    return { places: servers, ...(isRole(target) && { servers }) };
  }

  #kindOf(fault: Fault) {
    return this.#parts.withoutFaults ? noOp : kindOf(fault);
  }

  #setActive(active: readonly Fault[]): void {
    this.#active = active;
    if (!this.#parts.withoutFaults) this.#parts.changed?.([...new Set(active)]);
  }
}

const leaderWithinMs = 30_000;

/** Resolves with the server that leads the work stream. During an election, waits for the new leader. */
async function leaderOf(broker: Broker, clock: Clock): Promise<ServerName> {
  const giveUpAtMs = clock.now() + leaderWithinMs;
  const { streams } = await broker.manager(1000);
  for (;;) {
    const found = await streams.info(names.stream).catch((error: Error) => error);
    if ('cluster' in found && found.cluster?.leader) return found.cluster.leader as ServerName;
    if (clock.now() > giveUpAtMs) {
      const reason = found instanceof Error ? found.message : 'the broker names none';
      const message = `the stream ${names.stream} has no leader that a fault could target: ${reason}`;
      throw new TestbedError('no-leader', message);
    }
    await sleep(20, clock);
  }
}
