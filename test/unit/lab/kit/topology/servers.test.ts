import { expect, test } from 'vitest';
import { isRole, isServers, type Servers, serverSets, serversIn } from '#lab/kit/topology/servers.ts';

const three = ['nats-1', 'nats-2', 'nats-3'] as const;
const five = [...three, 'nats-4', 'nats-5'] as const;

test.each<[Servers, readonly (typeof five)[number][], string[]]>([
  ['nats', three, ['nats-1', 'nats-2', 'nats-3']],
  ['nats-3', three, ['nats-3']],
  ['nats-leader', three, ['nats-2']],
  ['nats-minority', three, ['nats-1']],
  ['nats-majority', three, ['nats-2', 'nats-1']],
  ['nats-minority', five, ['nats-1', 'nats-3']],
  ['nats-majority', five, ['nats-2', 'nats-1', 'nats-3']],
])('serversIn %s of %j are %j where nats-2 leads', async (name, all, expected) => {
  expect(await serversIn(name, all, async () => 'nats-2')).toEqual(expected);
});

test('serversIn asks for no leader unless a role is named', async () => {
  await expect(serversIn('nats-1', three, () => expect.unreachable())).resolves.toEqual(['nats-1']);
  await expect(serversIn('nats-leader', three, () => Promise.reject(new Error('none')))).rejects.toThrow(
    'none',
  );
});

test('isServers and isRole distinguish what a fault can target', () => {
  expect(['nats', ...serverSets].every(isServers)).toBe(true);
  expect(['nats-leader', 'nats-1', 'nats'].map(isRole)).toEqual([true, false, false]);
  expect(['consumer->nats', 'consumer', 'nats-6'].some(isServers)).toBe(false);
});
