import { expect, test } from 'vitest';
import type { Variant } from '#lab/experiment/schema.ts';
import { engines } from '#lab/world/engines.ts';
import type { Engine } from '#lab/world/testbed.ts';
import { unsupported } from '#lab/world/unsupported.ts';
import { parsed } from '#test/fixtures/experiment.ts';

const experiment = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
replicas: { consumer: 3, gateway: 2 }
variants:
  rpc: { path: rpc, policies: [{ timeout: { ms: 100 } }] }
  plain: { path: rpc, policies: [] }
  event: { path: event, policies: [{ timeout: { ms: 100 } }] }
  synced: { path: event, broker: { sync: always } }
faults: [{ name: crash, atMs: 0, forMs: 100, target: gateway, fault: { kind: kill } }]
`);

const engine = (change: Partial<Engine>): Engine => ({
  name: 'local',
  faults: () => ['kill'],
  foreign: [],
  start: () => expect.unreachable(),
  ...change,
});

const separate = 'whose containers have separate addresses';
const ofForeign = (service: string) => `expected none, since the ${service} is not Spillway's`;

test.each<[string, Partial<Engine>, Record<string, string>]>([
  ['nothing where the engine has it all', {}, {}],
  [
    'a fault that the engine has not',
    { faults: () => ['stop', 'pause'] },
    { '/faults/0/fault/kind': 'expected one of stop, pause with --engine local, got kill' },
  ],
  [
    'a fault of a target that the engine can do nothing to',
    { name: 'attach', faults: (target) => (target === 'downstream' ? ['hang'] : []) },
    { '/faults/0/target': 'expected downstream with --engine attach, got gateway' },
  ],
  [
    'policies of a foreign gateway',
    { foreign: ['gateway', 'publisher'] },
    { '/variants/rpc/policies': ofForeign('gateway') },
  ],
  ['those of its consumer', { foreign: ['consumer'] }, { '/variants/event/policies': ofForeign('consumer') }],
  [
    'options of a broker that runs already',
    { name: 'attach', foreign: ['nats'] },
    { '/variants/synced/broker': 'expected none with --engine attach, since its broker already runs' },
  ],
  [
    'replicas that the engine can not have',
    { name: 'compose', single: separate },
    {
      '/replicas/gateway': `expected 1 with --engine compose, ${separate}, got 2`,
      '/replicas/consumer': `expected 1 with --engine compose, ${separate}, got 3`,
    },
  ],
])('unsupported finds %s', (_sentence, change, problems) => {
  const found = unsupported(experiment, engine(change));
  expect(found.map(({ pointer, message }) => [pointer, message])).toEqual(Object.entries(problems));
});

test('unsupported finds changes of a foreign consumer', () => {
  const { event } = experiment.variants;
  const changed = { ...event, policies: [], changes: [{ atMs: 1, policies: [] }] } as Variant;
  const found = unsupported({ ...experiment, variants: { changed } }, engine({ foreign: ['consumer'] }));
  expect(found.map(({ pointer }) => pointer)).toEqual(['/variants/changed/changes']);
});

test('unsupported finds slow motion where a service is foreign', () => {
  const slow = { ...experiment, slowMotion: 2 };
  expect(unsupported(slow, engine({ foreign: ['publisher'] }))).toMatchObject([{ pointer: '/slowMotion' }]);
});

test.each<Engine['name']>(['local', 'compose'])(
  'unsupported finds nothing in a cluster with --engine %s',
  (name) => {
    const three = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
variants: { events: { path: event, broker: { servers: 3 } } }
faults:
  - { name: crash, atMs: 0, forMs: 100, target: nats-leader, fault: { kind: kill } }
`);
    expect(unsupported(three, engines[name]({ urls: {}, ownConsumer: false }))).toEqual([]);
  },
);

test('unsupported finds requests for services of Spillway', () => {
  const withRequests = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
request: { path: /orders }
variants:
  rpc: { path: rpc }
  event: { path: event, request: { path: /orders } }
`);
  const none = (service: string) =>
    `expected none for Spillway's own ${service}; with --engine attach --url ${service}=… your service replaces it`;
  const found = (foreign: Engine['foreign']) =>
    unsupported(withRequests, engine({ foreign })).map(({ pointer, message }) => [pointer, message]);
  expect(found([])).toEqual([
    ['/variants/event/request', none('publisher')],
    ['/request', none('gateway')],
  ]);
  expect(found(['gateway'])).toEqual([['/variants/event/request', none('publisher')]]);
  expect(found(['gateway', 'publisher'])).toEqual([]);
});
