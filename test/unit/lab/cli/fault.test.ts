import { expect, test } from 'vitest';
import { spillwayHere } from '#test/support/spillway-here.ts';

const url = ['--url', 'downstream-control=http://127.0.0.1:1'];
const refusal = async (args: readonly string[]) => (await spillwayHere(['fault', ...args, ...url])).stderr;
const during = ['--for', '20s'];

test.each([
  [['list'], '\n`fault` without a kind lists the active faults'],
  [['latensy'], 'kind: .*did you mean latency'],
  [['latency', 'added.kind=fixed', 'added.m=3'], 'added.*m: unknown field'],
  [['latency', 'added={'], 'added={: expected } to close'],
  [['latency', 'added=3', 'added.ms=3'], 'added.ms=3: '],
  [['latency', 'ms=300'], 'ms: unknown field, expected one of kind, added'],
  [['latency', 'added={kind: uniform, minMs: 2, maxMs: 1}'], 'added.maxMs: expected at least minMs'],
  [['hang', '--target', 'downstrem'], '--target downstrem: expected downstream, .*load->gateway'],
  [['hang', '--target', 'downstream-2'], '--target downstream-2: '],
  [['hang', '--target', 'gateway->downstream'], 'kind: unknown kind "hang", .*blackhole'],
  [['blackhole'], 'kind: unknown kind "blackhole", .*latency'],
  [['down', '--target', 'gateway->downstream'], '--target gateway->downstream: .*docker/chaos.env'],
  [['hang', '--lane', 'naive'], 'found no naive-downstream: start'],
  [['hang', '--clear'], 'without --clear'],
  [['kill', '--target', 'consumer'], 'kill needs an experiment; without one, docker compose'],
])('fault %j is refused: %s', async (args, message) => {
  expect(await refusal([...args, ...during])).toMatch(new RegExp(message));
});

test('fault needs a time with a kind, and a kind with a time', async () => {
  expect(await refusal(['hang'])).toContain('--for 20s');
  expect(await refusal(during)).toContain('expected a kind of fault');
});
