import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { type Clock, systemClock, type Timer } from './clock.ts';

/** Opens what sends to a host: at this address only, or wherever its name leads. */
type Open = (address?: string) => Dispatcher;
/** The IPv4 addresses that a name has right now. */
export type Resolve = (hostname: string) => Promise<string[]>;

const lookEveryMs = 1000;

const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, family: 4 })).map(({ address }) => address);

/**
 * Shares work evenly among all replicas behind a name. Without it a pool of kept connections goes on with those it has:
 * to whichever replica the resolver put first, and never to one that came later.
 */
export class Replicas {
  readonly #open: Open;
  readonly #hostname: string;
  readonly #resolve: Resolve;
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Dispatcher>();
  readonly #leaving = new Set<Dispatcher>();
  /** Where one replica is all there is. */
  readonly #single: Dispatcher;
  #turns: readonly Dispatcher[];
  #turn = 0;
  #timer: Timer;
  #closed = false;

  constructor(hostname: string, open: Open, resolve: Resolve = resolveName, clock: Clock = systemClock) {
    this.#hostname = hostname;
    this.#open = open;
    this.#resolve = resolve;
    this.#clock = clock;
    this.#single = open();
    this.#turns = [this.#single];
    if (isIP(hostname.replace(/^\[|\]$/g, '')) === 0) void this.#look();
  }

  /** The one whose turn it is. */
  next(): Dispatcher {
    this.#turn = (this.#turn + 1) % this.#turns.length;
    return this.#turns[this.#turn]!;
  }

  /** Cuts all connections. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer);
    const all = [this.#single, ...this.#byAddress.values(), ...this.#leaving];
    await Promise.all(all.map((one) => one.destroy()));
  }

  async #look(): Promise<void> {
    // While the name leads nowhere, those that are known may still be there.
    const addresses = await this.#resolve(this.#hostname).catch(() => undefined);
    if (this.#closed) return;
    if (addresses) this.#take(addresses.length > 1 ? addresses : []);
    this.#timer = this.#clock.after(lookEveryMs, () => void this.#look());
  }

  #take(addresses: readonly string[]): void {
    for (const address of addresses)
      if (!this.#byAddress.has(address)) this.#byAddress.set(address, this.#open(address));
    for (const [address, dispatcher] of this.#byAddress) {
      if (addresses.includes(address)) continue;
      this.#byAddress.delete(address);
      this.#leaving.add(dispatcher);
      // Once what is under way has ended.
      void dispatcher.close().finally(() => this.#leaving.delete(dispatcher));
    }
    this.#turns = addresses.length > 0 ? [...this.#byAddress.values()] : [this.#single];
  }
}
