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
const hop = (kind: string, options = '', target = 'consumer->nats') =>
  `{ name: h${++hops}, atMs: ${hops * 200}, forMs: 100, target: ${target}, fault: { kind: ${kind}, ${options} } }`;
const late = hop('latency', 'latencyMs: 9, jitterMs: 2');

test.each<[string, string, string[]]>([
  ['an RPC variant', calls, []],
  ['an event variant with a redrive', `${events}redrives: [{ atMs: 1 }]`, []],
  ['faults of attempts', `${calls}faults: [${fault('failure')}, ${fault('hang', 1100)}]`, []],
  ['faults of processes', `${calls}faults: [${fault('freeze')}, ${fault('kill', 1100)}]`, []],
  [
    'faults of hops',
    `${events}faults: [${hop('blackhole', 'stream: upstream')}, ${hop('down')}, ${hop('reset', '', 'load->gateway')}]`,
    [],
  ],
  [
    'what needs bytes, chance or some connections',
    `${events}faults: [${late}, ${hop('reset', 'toxicity: 0.5')}, ${hop('bandwidth', 'kilobytesPerSecond: 9')}]`,
    [
      '/faults/0/fault/jitterMs: jitter',
      '/faults/1/fault/toxicity: a fault of some connections',
      '/faults/2/fault: bandwidth, since messages have no bytes',
    ],
  ],
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
  const file = join(testFolder(), 'late.yaml');
  writeFileSync(file, `title: late\n${rest}${events}faults: [${late}]\n`);
  expect(readEach([file], { unsuited: unsimulated }).problems).toEqual([
    expect.stringMatching(/late.yaml:5:\d+: faults\[0\].fault.jitterMs: not simulated: jitter/),
  ]);
});
