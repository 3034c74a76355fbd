import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { addressOf } from '#kit/urls.ts';

/** Sends to a replica, e.g. an undici pool. */
interface Replica {
  /** Closes after the requests in flight have ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}

/** Opens what sends to an origin: at this address only, or wherever its name leads. */
type Open<R> = (origin: string, address?: string) => R;
/** The IPv4 addresses that a name has right now. */
export type Resolve = (hostname: string) => Promise<string[]>;

const lookEveryMs = 1000;

const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, family: 4 })).map(({ address }) => address);

/** Shares work evenly among all replicas: several origins, and behind the name of each as many as it has addresses. */
export class Rotation<R extends Replica> {
  readonly #origins: readonly Origin<R>[];
  #tickBatch: readonly R[] = [];
  #turn = 0;

  /** `origins` as in `http://downstream:8080`. */
  constructor(
    origins: readonly string[],
    open: Open<R>,
    resolve: Resolve = resolveName,
    clock: Clock = systemClock,
  ) {
    const changed = () => {
      this.#tickBatch = this.#origins.flatMap(({ tickBatch }) => tickBatch);
    };
    this.#origins = origins.map((origin) => new Origin(origin, { open, resolve, clock, changed }));
    changed();
  }

  /** All there are right now. */
  get all(): readonly R[] {
    return this.#tickBatch;
  }

  /** The one whose turn it is. */
  next(): R {
    this.#turn = (this.#turn + 1) % this.#tickBatch.length;
    return this.#tickBatch[this.#turn]!;
  }

  /** Cuts all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#origins.map((origin) => origin.close()));
  }
}

interface Parts<R> {
  readonly open: Open<R>;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly changed: () => void;
}

/**
 * The replicas behind one name. Without it a pool of kept connections goes on with those it has: to whichever replica the
 * resolver put first, and never to one that came later.
 */
class Origin<R extends Replica> {
  readonly #origin: string;
  readonly #parts: Parts<R>;
  readonly #byAddress = new Map<string, R>();
  readonly #leaving = new Set<R>();
  /** Where one replica is all there is. */
  readonly #single: R;
  tickBatch: readonly R[];
  #timer: Timer;
  #closed = false;

  constructor(origin: string, parts: Parts<R>) {
    this.#origin = origin;
    this.#parts = parts;
    this.#single = parts.open(origin);
    this.tickBatch = [this.#single];
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
    for (const [address, replica] of this.#byAddress) {
      if (addresses.includes(address)) continue;
      this.#byAddress.delete(address);
      this.#leaving.add(replica);
      // Once what is under way has ended.
      void replica.close().finally(() => this.#leaving.delete(replica));
    }
    this.tickBatch = addresses.length > 0 ? [...this.#byAddress.values()] : [this.#single];
    this.#parts.changed();
  }
}
