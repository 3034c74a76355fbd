import { expect, test } from 'vitest';
import { settling } from '#kit/http-client/posted.ts';
import { rotationOf } from '#kit/http-client/upstream.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

/**
 * Creates a rotation over hostnames that resolve to `addresses`, or that can't be resolved if undefined. `ended`
 * records closed connections.
 */
function rig(hostnames: string | string[], addresses: string[] | undefined) {
  const clock = new VirtualClock();
  const ended: string[] = [];
  const state = { addresses, lookups: 0 };
  const open = (origin: string, address = 'by name') => ({
    address,
    origin,
    close: async () => void ended.push(`close ${address}`),
    destroy: () => void ended.push(`destroy ${address}`),
  });
  const resolve = async () => {
    state.lookups += 1;
    if (!state.addresses) throw new Error('ENOTFOUND');
    return state.addresses;
  };
  const rotation = rotationOf(
    [hostnames].flat().map((name) => `http://${name}:80`),
    open,
    resolve,
    clock,
  );
  const turns = (count: number) => Array.from({ length: count }, () => rotation.next().address);
  const origins = (count: number) => Array.from({ length: count }, () => rotation.next().origin);
  return { clock, ended, state, rotation, turns, origins };
}

test('rotationOf goes by name until the name is known to lead to more than one', async () => {
  const { clock, turns } = rig('downstream', ['a', 'b', 'c']);
  expect(turns(2)).toEqual(['by name', 'by name']);
  await clock.advance(0);
  expect(turns(6).toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
});

test.each(['127.0.0.1', '[::1]'])('rotationOf does not look up %s', async (address) => {
  const { clock, state, turns } = rig(address, ['a', 'b']);
  await clock.advance(5000);
  expect(state.lookups).toBe(0);
  expect(turns(1)).toEqual(['by name']);
});

test('rotationOf goes by name where there is one replica', async () => {
  const { clock, turns } = rig('downstream', ['a']);
  await clock.advance(5000);
  expect(turns(2)).toEqual(['by name', 'by name']);
});

test('rotationOf gives replicas that come work within a second, and those that go no more, and closes them', async () => {
  const { clock, state, turns, ended } = rig('downstream', ['a', 'b']);
  await clock.advance(0);
  state.addresses = ['b', 'c'];
  await clock.advance(999);
  expect(turns(2).toSorted()).toEqual(['a', 'b']);
  await clock.advance(1);
  expect(turns(2).toSorted()).toEqual(['b', 'c']);
  expect(ended).toEqual(['close a']);
  state.addresses = ['c'];
  await clock.advance(1000);
  expect(turns(1)).toEqual(['by name']);
  expect(ended).toEqual(['close a', 'close b', 'close c']);
});

test('rotationOf keeps its replicas while the name leads nowhere', async () => {
  const { clock, state, turns, ended } = rig('downstream', ['a', 'b']);
  await clock.advance(0);
  state.addresses = undefined;
  await clock.advance(5000);
  expect(turns(2).toSorted()).toEqual(['a', 'b']);
  expect(ended).toEqual([]);
});

test('rotationOf takes turns among several origins', () => {
  const { origins, rotation } = rig(['127.0.0.1', '127.0.0.2', '127.0.0.3'], undefined);
  const three = ['http://127.0.0.2:80', 'http://127.0.0.3:80', 'http://127.0.0.1:80'];
  expect(origins(6)).toEqual([...three, ...three]);
  expect(rotation.all()).toHaveLength(3);
});

test.each([
  ['JSON', '{}', undefined, '{}'],
  ['no JSON', '{', undefined, 'downstream answered without valid JSON'],
  ['a body that is known to be JSON, which it does not parse', '{', true, '{'],
])('settling: a success with %s', async (_what, body, isJson, expected) => {
  const settled = new Promise<string>((resolve, reject) => {
    settling(resolve, reject).answered(200, body, isJson);
  });
  expect(await settled.catch(({ message }: Error) => message)).toBe(expected);
});
