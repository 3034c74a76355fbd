import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { ExpectedError } from '#kit/expected-error.ts';
import type { Address } from '#kit/urls.ts';

/** Returns the current IPv4 addresses of a host name. */
export type Resolve = (hostname: string) => Promise<string[]>;

export const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, family: 4 })).map(({ address }) => address);

interface Options {
  /** True if a slot without a replica may use the replica of another slot meanwhile. */
  readonly mayShare: boolean;
  readonly resolve?: Resolve;
}

/**
 * Slots for the replicas behind one host name. A slot keeps its address while the name has it. If that replica is
 * replaced, the slot takes the address of a replica that no slot has.
 */
export class ReplicaSlots {
  readonly #hostname: string;
  readonly #mayShare: boolean;
  readonly #resolve: Resolve;
  readonly #addresses: (string | undefined)[];

  constructor(hostname: string, count: number, { mayShare, resolve = resolveName }: Options) {
    this.#hostname = hostname;
    this.#mayShare = mayShare;
    this.#resolve = resolve;
    this.#addresses = Array.from({ length: count }, () => undefined);
  }

  /** Looks up the current address of a slot. Rejects if none is left for it, or as the resolver does. */
  async addressOf(slot: number): Promise<string> {
    const current = await this.#resolve(this.#hostname);
    const before = this.#addresses[slot];
    if (before !== undefined && current.includes(before)) return before;
    const next = current.find((address) => !this.#addresses.includes(address));
    if (next !== undefined) {
      this.#addresses[slot] = next;
      return next;
    }
    const shared = this.#mayShare ? current[slot % current.length] : undefined;
    if (shared !== undefined) return shared;
    throw new ExpectedError(`${this.#hostname} leads to fewer than ${this.#addresses.length} replicas`);
  }

  /** Returns a function that sockets and pools use to look up the host name. */
  lookup(slot: number): LookupFunction {
    return (_hostname, { all }, callback) =>
      void this.addressOf(slot).then(
        (address) => (all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)),
        (error) => callback(error, ''),
      );
  }
}

/**
 * Returns a lookup for each address that is repeated in the list: a repeated host name stands for several replicas.
 * Returns undefined for each other address.
 */
export function replicaLookups(
  addresses: readonly Address[],
  options: Options,
): (LookupFunction | undefined)[] {
  const nameOf = ({ host, port }: Address) => `${host}:${port}`;
  const same = Map.groupBy(addresses, nameOf);
  const lookups = new Map(
    [...same].map(([name, group]) => {
      const { length } = group;
      const { host } = group[0]!;
      const slots = length > 1 && isIP(host) === 0 ? new ReplicaSlots(host, length, options) : undefined;
      return [name, Array.from({ length }, (_, slot) => slots?.lookup(slot))] as const;
    }),
  );
  return addresses.map((address) => lookups.get(nameOf(address))!.shift());
}
