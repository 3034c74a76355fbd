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
const late = hop('latency', 'latencyMs: 9');
const other = 'a fault of consumer->nats other than down, and blackhole without options';

test.each<[string, string, string[]]>([
  ['an RPC variant', calls, []],
  ['an event variant with a redrive', `${events}redrives: [{ atMs: 1 }]`, []],
  ['faults of attempts', `${calls}faults: [${fault('failure')}, ${fault('hang', 1100)}]`, []],
  ['faults of processes', `${calls}faults: [${fault('freeze')}, ${fault('kill', 1100)}]`, []],
  [
    'faults of hops',
    `${events}faults: [${hop('blackhole')}, ${hop('down')}, ${hop('down', '', 'publisher->nats')}]`,
    [],
  ],
  ['another fault of a hop to the broker', `${events}faults: [${late}]`, [`/faults/0/fault: ${other}`]],
  ...['stream: upstream', 'closeAfterMs: 9'].map((option): [string, string, string[]] => [
    `a blackhole with ${option}`,
    `${events}faults: [${hop('blackhole', option)}]`,
    [`/faults/0/fault: ${other}`],
  ]),
  [
    'a fault of another hop',
    `${calls}faults: [${hop('down', '', 'gateway->downstream')}]`,
    ['/faults/0/target: a fault of gateway->downstream'],
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
  expect(readEach([file], undefined, unsimulated).problems).toEqual([
    expect.stringMatching(
      /late.yaml:5:\d+: faults\[0\].fault: not simulated: a fault of consumer->nats other than down/,
    ),
  ]);
});
