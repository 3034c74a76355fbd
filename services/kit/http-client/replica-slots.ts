import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { ExpectedError } from '#kit/expected-error.ts';
import { type Address, isIP } from '#kit/urls.ts';

/** Returns the current IPv4 addresses of a host name. */
export type Resolve = (hostname: string) => Promise<string[]>;

export const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, family: 4 })).map(({ address }) => address);

interface Options {
  /** True if a slot without a replica may use the replica of another slot meanwhile. */
  readonly mayShare: boolean;
}

/**
 * Returns a function that looks up the current address of a slot, which stands for a replica behind a host name. A slot
 * keeps its address while the name has it. If that replica is replaced, the slot takes the address of a replica that no
 * slot has. Rejects if none is left for it, or as the resolver does.
 */
export function replicaSlots(
  hostname: string,
  count: number,
  { mayShare }: Options,
  resolve: Resolve = resolveName,
): (slot: number) => Promise<string> {
  const addresses = new Array<string | undefined>(count).fill(undefined);
  return async (slot) => {
    const current = await resolve(hostname);
    const before = addresses[slot];
    if (before !== undefined && current.includes(before)) return before;
    const next = current.find((address) => !addresses.includes(address));
    if (next !== undefined) {
      addresses[slot] = next;
      return next;
    }
    const shared = mayShare ? current[slot % current.length] : undefined;
    if (shared !== undefined) return shared;
    throw new ExpectedError(`${hostname} leads to fewer than ${count} replicas`);
  };
}

/** Returns a lookup for each repeated address, which stands for several replicas; undefined for each other one. */
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
      const addressOf = length > 1 && !isIP(host) ? replicaSlots(host, length, options) : undefined;
      return [name, group.map((_, slot) => addressOf && lookupOf(() => addressOf(slot)))] as const;
    }),
  );
  return addresses.map((address) => lookups.get(nameOf(address))!.shift());
}

/** Returns a function that sockets and pools use to look up a host name. */
const lookupOf =
  (addressOf: () => Promise<string>): LookupFunction =>
  (_hostname, { all }, callback) =>
    void addressOf().then(
      (address) => (all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)),
      (error) => callback(error, ''),
    );
