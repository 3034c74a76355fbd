import { expect, test } from 'vitest';
import { replicaLookups, replicaSlots } from '#kit/http-client/replica-slots.ts';

/** Creates slots of a name that leads to `addresses`, which a test may change. */
function slotsOf(addresses: string[], count: number, mayShare: boolean) {
  const name = { addresses };
  const addressOf = replicaSlots('gateway', count, { mayShare }, async () => name.addresses);
  const all = () => Promise.all(Array.from({ length: count }, (_, slot) => addressOf(slot)));
  return { name, addressOf, all };
}

test('replicaSlots gives each slot another address, which it keeps in whatever order the name lists them', async () => {
  const { name, all } = slotsOf(['a', 'b'], 2, true);
  expect(await all()).toEqual(['a', 'b']);
  name.addresses = ['b', 'a'];
  expect(await all()).toEqual(['a', 'b']);
});

test('replicaSlots leaves a new address alone while the old one is there, then gives it to the slot without one', async () => {
  const { name, all } = slotsOf(['a', 'b'], 2, false);
  await all();
  name.addresses = ['c', 'a', 'b'];
  expect(await all()).toEqual(['a', 'b']);
  name.addresses = ['c', 'b'];
  expect(await all()).toEqual(['c', 'b']);
});

test('replicaSlots refuses a slot without a replica, unless slots may share', async () => {
  const alone = slotsOf(['a', 'b'], 2, false);
  await alone.all();
  alone.name.addresses = ['b'];
  await expect(alone.addressOf(0)).rejects.toThrow('fewer than 2 replicas');
  expect(await alone.addressOf(1)).toBe('b');

  const shared = slotsOf(['a', 'b'], 2, true);
  await shared.all();
  shared.name.addresses = ['b'];
  expect(await shared.all()).toEqual(['b', 'b']);
  shared.name.addresses = ['b', 'c'];
  expect(await shared.all()).toEqual(['c', 'b']);
});

test('replicaSlots refuses every slot of a name without addresses', async () => {
  await expect(slotsOf([], 2, true).addressOf(0)).rejects.toThrow('fewer than 2 replicas');
});

test('replicaLookups has a lookup for each repeated host name, and none for other addresses', () => {
  const at = (host: string, port = 80) => ({ host, port });
  const addresses = [at('a'), at('b'), at('a'), at('127.0.0.1'), at('127.0.0.1'), at('b', 81)];
  const has = replicaLookups(addresses, { mayShare: true }).map((lookup) => lookup !== undefined);
  expect(has).toEqual([true, false, true, false, false, false]);
});
