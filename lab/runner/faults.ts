import type { TObject } from 'typebox';
import { sleep } from '#kit/clock.ts';
import { strict } from '#kit/schema/schema.ts';
import type { Configs } from '#lab/experiment/configs.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import type { Hands, Kind } from '#lab/faults/kind.ts';
import { kindOf, type Target } from '#lab/faults/kinds.ts';
import { leftAlone } from '#lab/result/result.ts';
import { isHop } from '#lab/topology/hops.ts';
import { type ServiceProcess, serviceNames } from '#lab/topology/names.ts';
import { isSameTarget, processesOf, serviceOf } from '#lab/topology/replicas.ts';
import type { Scraper } from './scraper.ts';

/** When a fault really began and ended, on the machine's monotonic clock. */
export interface Injected {
  readonly fault: Fault;
  /** What became of its target: that it was `killed`. */
  readonly done: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

interface Parts extends Omit<Hands, 'lastScrape'> {
  readonly experiment: Pick<Experiment, 'faults' | 'replicas'>;
  readonly configs: Configs;
  readonly counterDeltas: Pick<Scraper, 'resumed'> & {
    /** Reads what the processes have counted. */
    scrape(names: readonly ServiceProcess[], withinMs: number): Promise<void>;
  };
  readonly signal: AbortSignal;
  /** For a control: each has its time, and does nothing. */
  readonly withoutFaults?: boolean | undefined;
  /** Receives each that was cleared after it was in force. */
  readonly injected?: (one: Injected) => void;
  /** Hears which are in force, whenever that changes. */
  readonly changed?: (active: readonly Fault[]) => void;
}

/** For what a process has counted until it is harmed, which a busy one takes a while to say; a fault must not wait for it any longer. */
const lastScrapeMs = 250;

const isService = (target: Target): target is ServiceProcess =>
  serviceNames.some((name) => name === serviceOf(target));

/** Stands in for every kind in a run without faults: its time passes, and nothing is affected. */
const noOp: Kind<TObject, Target> = {
  options: strict({}),
  done: leftAlone,
  shares: true,
  begin: async () => undefined,
  end: async () => undefined,
};

/** The faults of one variant. */
export class Faults {
  /** Rejects as soon as one of them can't be begun or mended; never resolves. */
  readonly failed: Promise<never>;
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  readonly #fail: (reason: unknown) => void;
  /** To how many each does harm. */
  readonly #active = new Map<Fault, number>();
  readonly #uncleared: unknown[] = [];
  #injections: readonly Promise<Injected | undefined>[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.failed = promise;
    this.#fail = reject;
  }

  /**
   * Injects each at its time after `startedAtMs`, but not before its target is mended of those that should be over by then,
   * and mends it again; none, where the variant is not in its steady state.
   */
  begin(startedAtMs: number, isSteady: Promise<boolean> = Promise.resolve(true)): void {
    const { experiment, signal } = this.#parts;
    const over = AbortSignal.any([signal, this.#stop.signal]);
    const looked = isSteady.then((is) => is || this.#stop.abort());
    looked.catch(this.#fail);
    const injections = new Map<Fault, Promise<Injected | undefined>>();
    for (const fault of experiment.faults.toSorted((a, b) => a.atMs - b.atMs)) {
      const earlier = [...injections].flatMap(([other, injection]) =>
        isSameTarget(other.target, fault.target) && other.atMs + other.forMs <= fault.atMs ? [injection] : [],
      );
      const injection = this.#inject(fault, startedAtMs, over, [looked, ...earlier]);
      injection.catch(this.#fail);
      injections.set(fault, injection);
    }
    this.#injections = [...injections.values()];
  }

  /** Resolves when all are mended, with those that were begun. */
  async ended(): Promise<Injected[]> {
    return (await Promise.all(this.#injections)).filter((one) => one !== undefined);
  }

  /** Mends at once what is broken, and begins no more; resolves with why something could not be mended. */
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
    const { clock, experiment } = this.#parts;
    const until = (ms: number) =>
      sleep(Math.max(0, startedAtMs + ms - clock.now()), clock, over).catch(() => undefined);
    await until(fault.atMs);
    // What is being mended can't be harmed yet.
    await Promise.all(earlier);
    if (over.aborted) return undefined;
    const processes = processesOf(fault.target, experiment.replicas);
    // Only of what may take them along, and of all before the first is harmed.
    if (!this.#kindOf(fault).shares) await Promise.all(processes.map((target) => this.#lastScrape(target)));
    const affected = processes.map((target) =>
      this.#harm(fault, target, () => until(fault.atMs + fault.forMs)),
    );
    for (const each of affected) each.catch(this.#fail);
    // Where one can't be harmed or mended, the others are mended all the same.
    await Promise.allSettled(affected);
    const spans = await Promise.all(affected);
    const injected = {
      fault,
      done: this.#kindOf(fault).done,
      beganAtMs: Math.max(...spans.map(({ beganAtMs }) => beganAtMs)),
      endedAtMs: Math.max(...spans.map(({ endedAtMs }) => endedAtMs)),
    };
    this.#parts.injected?.(injected);
    return injected;
  }

  /** Does harm to one process or hop until its time is over, and mends it, also where that was not seen to take. */
  async #harm(fault: Fault, target: Target, isOver: () => Promise<void>) {
    const { clock, configs, counterDeltas } = this.#parts;
    const { name, forMs, fault: options } = fault;
    const kind = this.#kindOf(fault);
    const config = isHop(target) ? undefined : configs[serviceOf(target)];
    const harm = { name, target, forMs, options, config };
    const hands = { ...this.#parts, lastScrape: (name: Target) => this.#lastScrape(name) };
    let beganAtMs: number | undefined;
    const clear = async () => {
      await kind.end(hands, harm).catch((reason) => {
        this.#uncleared.push(reason);
        throw reason;
      });
      if (beganAtMs !== undefined) this.#changed(fault, -1);
    };
    try {
      await kind.begin(hands, harm);
      beganAtMs = clock.now();
      this.#changed(fault, 1);
      const ending = new AbortController();
      await Promise.all([kind.during?.(hands, harm, ending.signal), isOver().then(() => ending.abort())]);
    } catch (error) {
      this.#fail(error); // at once, however long the mending takes
      await clear().catch(() => undefined);
      throw error;
    }
    await clear();
    const endedAtMs = clock.now();
    if (kind.halts && isService(target)) await counterDeltas.resumed(target);
    return { beganAtMs, endedAtMs };
  }

  #kindOf(fault: Fault) {
    return this.#parts.withoutFaults ? noOp : kindOf(fault);
  }

  async #lastScrape(target: Target): Promise<void> {
    if (isService(target))
      await this.#parts.counterDeltas.scrape([target], lastScrapeMs).catch(() => undefined);
  }

  #changed(fault: Fault, by: 1 | -1): void {
    if (this.#parts.withoutFaults) return;
    const count = (this.#active.get(fault) ?? 0) + by;
    if (count > 0) this.#active.set(fault, count);
    else this.#active.delete(fault);
    this.#parts.changed?.([...this.#active.keys()]);
  }
}
