import { expect, test } from 'vitest';
import { readEach } from '#lab/experiment/read.ts';
import { unsimulated } from '#lab/testbed/simulated/unsimulated.ts';
import { parsed } from '#test/fixtures/experiment.ts';

const rest = 'deadlineMs: 100\nload: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 2000 } }]\n';
const calls = 'variants: { a: { path: rpc } }\n';
const events = 'variants: { a: { path: rpc }, b: { path: event } }\n';

test.each<[string, string, string[]]>([
  ['an RPC variant', calls, []],
  ['an event variant with a redrive', `${events}redrives: [{ atMs: 1 }]`, []],
  [
    'faults',
    `${calls}faults:\n  - { name: f, atMs: 500, forMs: 500, target: downstream, fault: { kind: failure } }`,
    ['/faults/0: faults'],
  ],
  ['replicas', `${calls}replicas: { gateway: 2 }`, ['/replicas/gateway: several processes of a service']],
  [
    'capacity',
    `${calls}capacity: { nominalPerSecond: 100, timeoutMs: 100 }`,
    ['/capacity: a load that is scaled to the measured capacity'],
  ],
])('unsimulated reports what of %s is not simulated yet', (_what, fields, problems) => {
  const found = unsimulated(parsed(rest + fields));
  expect(found.map(({ pointer, message }) => `${pointer}: ${message}`)).toEqual(
    problems.map((problem) => problem.replace(': ', ': not simulated yet: ')),
  );
});

test('unsimulated reports a fault at its place in the file', () => {
  expect(readEach(['04'], undefined, unsimulated).problems).toEqual([
    expect.stringMatching(/^\S+04-brownout.yaml:\d+:\d+: faults.0: not simulated yet: faults$/),
  ]);
});
