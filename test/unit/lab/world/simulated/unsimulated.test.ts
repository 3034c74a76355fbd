import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEach } from '#lab/experiment/read.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

const rest = 'deadlineMs: 100\nload: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: 2000 } }]\n';
const calls = 'variants: { a: { path: rpc } }\n';
const events = 'variants: { a: { path: rpc }, b: { path: event } }\n';

const fault = (kind: string, atMs = 500) =>
  `{ name: ${kind}, atMs: ${atMs}, forMs: 500, target: downstream, fault: { kind: ${kind} } }`;

let hops = 0;
const hop = (kind: string, options = '') =>
  `{ name: h${++hops}, atMs: ${hops * 300}, forMs: 200, target: consumer->nats, fault: { kind: ${kind}, ${options} } }`;
const narrow = hop('bandwidth', 'kilobytesPerSecond: 9');

test.each<[string, string, string[]]>([
  ['an RPC variant', calls, []],
  ['an event variant with a redrive', `${events}redrives: [{ atMs: 1 }]`, []],
  ['faults of attempts', `${calls}faults: [${fault('failure')}, ${fault('hang', 1100)}]`, []],
  ['faults of processes', `${calls}faults: [${fault('freeze')}, ${fault('kill', 1100)}]`, []],
  [
    'faults of hops',
    `${events}faults: [${hop('latency', 'latencyMs: 9')}, ${hop('reset')}, ${hop('blackhole')}, ${hop('down')}]`,
    [],
  ],
  ['bandwidth', `${events}faults: [${narrow}]`, ['/faults/0/fault/kind: bandwidth of consumer->nats']],
  [
    'a broker of several servers',
    'variants: { a: { path: rpc }, b: { path: event, broker: { servers: 3 } } }\n',
    ['/variants/b/broker/servers: a broker of 3 servers'],
  ],
  ['replicas', `${calls}replicas: { gateway: 2 }`, []],
])('unsimulated reports what of %s is not simulated', (_what, fields, problems) => {
  const found = unsimulated(parsed(rest + fields));
  expect(found.map(({ pointer, message }) => `${pointer}: ${message}`)).toEqual(
    problems.map((problem) => problem.replace(': ', ': not simulated: ')),
  );
});

test('unsimulated reports a fault at its place in the file', () => {
  const file = join(testFolder(), 'narrow.yaml');
  writeFileSync(file, `title: narrow\n${rest}${events}faults: [${narrow}]\n`);
  expect(readEach([file], undefined, unsimulated).problems).toEqual([
    expect.stringMatching(
      /narrow.yaml:5:\d+: faults\[0\].fault.kind: not simulated: bandwidth of consumer->nats$/,
    ),
  ]);
});
