import { expect, test } from 'vitest';
import {
  allRoutes,
  endpointOf,
  isRole,
  isRoutes,
  isServers,
  routes,
  routesOf,
  type Servers,
  serverSets,
  serversIn,
} from '#lab/experiment/topology/servers.ts';

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

test('routesOf some servers are those to and from the others, and of all servers every route', () => {
  expect(routesOf(['nats-2'], three)).toEqual([
    'nats-1->nats-2',
    'nats-2->nats-1',
    'nats-2->nats-3',
    'nats-3->nats-2',
  ]);
  expect(routesOf(['nats-1', 'nats-2'], three)).toEqual(routesOf(['nats-3'], three));
  expect(routesOf(three, three)).toEqual(allRoutes(three));
  expect(allRoutes(three)).toHaveLength(6);
});

test('isServers and isRoutes distinguish what a fault can target', () => {
  expect(['nats', ...serverSets].every(isServers)).toBe(true);
  expect(routes.every(isRoutes)).toBe(true);
  expect(['nats-leader', 'nats-1', 'nats', 'nats-leader->nats'].map(isRole)).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([...routes, 'consumer', 'nats-6'].some(isServers)).toBe(false);
  expect([...serverSets, 'nats', 'consumer->nats', 'nats-1->nats-2'].some(isRoutes)).toBe(false);
});

test('endpointOf routes are the servers that they connect to all others', () => {
  expect(endpointOf('nats-leader->nats')).toBe('nats-leader');
  expect(endpointOf('nats->nats')).toBe('nats');
});
