import { expect, onTestFinished, test, vi } from 'vitest';
import { spillwayHere } from '#test/support/spillway-here.ts';

const url = ['--url', 'downstream-control=http://127.0.0.1:1'];
const refusal = async (args: readonly string[]) => (await spillwayHere(['fault', ...args, ...url])).stderr;
const during = ['--for', '20s'];

test.each([
  [['latensy'], 'kind: .*did you mean latency'],
  [['latency', 'added.kind=fixed', 'added.m=3'], 'added.*m: unknown field'],
  [['latency', 'added={'], 'added: '],
  [['latency', '=1'], '=1: expected field=value'],
  [['poison', 'ids=[x1]'], 'ids\\[0\\]: expected a request of the load'],
  [['hang', '--name', 'A b'], '--name: expected a name'],
  [['hang', '--target', 'downstrem'], '--target downstrem: expected one of downstream, load->gateway'],
  [['hang', '--target', 'downstream-2'], '--target downstream-2: expected one of downstream\\n'],
  [['hang', '--target', 'gateway->downstream'], 'kind: expected .*blackhole'],
  [['blackhole'], 'blackhole needs --target: expected one of load->gateway'],
  [['down', '--target', 'gateway->downstream'], 'no proxies.*docker/chaos.env'],
  [['hang', '--lane', 'naive'], '--lane naive: expected a testbed with lanes'],
  [['down', '--lane', 'all', '--target', 'gateway->downstream'], 'expected either --lane or a hop'],
  [['hang', '--clear'], 'without --clear'],
  [['crash-loop'], 'crash-loop needs an experiment'],
  [['kill'], 'kill needs an experiment'],
])('fault %j is refused: %s', async (args, message) => {
  expect(await refusal([...args, ...during])).toMatch(new RegExp(message));
});

test('fault names the command for containers, which a testbed of SPILLWAY_URLS has', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('SPILLWAY_URLS', 'downstream-control=http://127.0.0.1:1');
  const text = await refusal(['pause', ...during, '--target', 'consumer']);
  expect(text).toContain('docker compose pause consumer');
  expect(await refusal(['kill', ...during, '--lane', 'naive'])).toContain('compose kill naive-downstream');
});

test('fault needs a time with a kind, and a kind with a time', async () => {
  expect(await refusal(['hang'])).toContain('--for 20s');
  expect(await refusal(during)).toContain('expected a kind of fault');
});
