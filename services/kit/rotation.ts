import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { addressOf } from './urls.ts';

/** Opens what sends to an origin: at this address only, or wherever its name leads. */
type Open = (origin: string, address?: string) => Dispatcher;
/** The IPv4 addresses that a name has right now. */
export type Resolve = (hostname: string) => Promise<string[]>;

const lookEveryMs = 1000;

const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, family: 4 })).map(({ address }) => address);

/** Shares work evenly among all replicas: several origins, and behind the name of each as many as it has addresses. */
export class Rotation {
  readonly #origins: readonly Origin[];
  #turns: readonly Dispatcher[] = [];
  #turn = 0;

  /** `origins` as in `http://downstream:8080`. */
  constructor(
    origins: readonly string[],
    open: Open,
    resolve: Resolve = resolveName,
    clock: Clock = systemClock,
  ) {
    const changed = () => {
      this.#turns = this.#origins.flatMap(({ turns }) => turns);
    };
    this.#origins = origins.map((origin) => new Origin(origin, { open, resolve, clock, changed }));
    changed();
  }

  /** All there are right now. */
  get all(): readonly Dispatcher[] {
    return this.#turns;
  }

  /** The one whose turn it is. */
  next(): Dispatcher {
    this.#turn = (this.#turn + 1) % this.#turns.length;
    return this.#turns[this.#turn]!;
  }

  /** Cuts all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#origins.map((origin) => origin.close()));
  }
}

interface Parts {
  readonly open: Open;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly changed: () => void;
}

/**
 * The replicas behind one name. Without it a pool of kept connections goes on with those it has: to whichever replica the
 * resolver put first, and never to one that came later.
 */
class Origin {
  readonly #origin: string;
  readonly #parts: Parts;
  readonly #byAddress = new Map<string, Dispatcher>();
  readonly #leaving = new Set<Dispatcher>();
  /** Where one replica is all there is. */
  readonly #single: Dispatcher;
  turns: readonly Dispatcher[];
  #timer: Timer;
  #closed = false;

  constructor(origin: string, parts: Parts) {
    this.#origin = origin;
    this.#parts = parts;
    this.#single = parts.open(origin);
    this.turns = [this.#single];
    const { host } = addressOf(origin);
    if (isIP(host) === 0) void this.#look(host);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#parts.clock.cancel(this.#timer);
    const all = [this.#single, ...this.#byAddress.values(), ...this.#leaving];
    await Promise.all(all.map((one) => one.destroy()));
  }

  async #look(hostname: string): Promise<void> {
    const { resolve, clock } = this.#parts;
    // While the name leads nowhere, those that are known may still be there.
    const addresses = await resolve(hostname).catch(() => undefined);
    if (this.#closed) return;
    if (addresses) this.#take(addresses.length > 1 ? addresses : []);
    this.#timer = clock.after(lookEveryMs, () => void this.#look(hostname));
  }

  #take(addresses: readonly string[]): void {
    for (const address of addresses)
      if (!this.#byAddress.has(address))
        this.#byAddress.set(address, this.#parts.open(this.#origin, address));
    for (const [address, dispatcher] of this.#byAddress) {
      if (addresses.includes(address)) continue;
      this.#byAddress.delete(address);
      this.#leaving.add(dispatcher);
      // Once what is under way has ended.
      void dispatcher.close().finally(() => this.#leaving.delete(dispatcher));
    }
    this.turns = addresses.length > 0 ? [...this.#byAddress.values()] : [this.#single];
    this.#parts.changed();
  }
}
