import { expect, onTestFinished, test, vi } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { startNetproxy } from '#test/support/proxied.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';
import { rig } from '../../downstream/rig.ts';

const fault = (...args: string[]) => spillwayHere(['fault', ...args]);

async function lane() {
  const held = await rig();
  return { ...held, controlUrl: await held.control.listen({ host: '127.0.0.1', port: 0 }) };
}

/** Starts a dependency for each lane, and names them in SPILLWAY_URLS. */
async function lanes(netproxyUrl: string) {
  const [naive, guarded, events] = [await lane(), await lane(), await lane()];
  const urls = {
    'naive-downstream': naive.controlUrl,
    'guarded-downstream': guarded.controlUrl,
    downstream: events.controlUrl,
    netproxy: netproxyUrl,
  };
  const pairs = Object.entries(urls).map(([name, url]) => `${name}-control=${url}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('SPILLWAY_URLS', pairs.join(' '));
  return { naive, guarded, events };
}

test('fault injects into one lane or all, counts as a change by hand, is listed, and ends by its lease or --clear', async () => {
  const { naive, events } = await lanes('http://127.0.0.1:1'); // netproxy doesn't run
  const latency = ['latency', 'added.kind=fixed', 'added.ms=300', '--for', '20s'];
  const { code, stdout } = await fault(...latency, '--lane', 'events');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^downstream: manual-latency, 20 s left: latency {"added":{"kind":"fixed","ms":300}.*}\n$/,
  );
  expect(await events.metric('spillway_control_changes_total{resource="faults"}')).toBe(1);
  const slow = { leaseMs: 9000, fault: { kind: 'latency', added: { kind: 'fixed', ms: 9 } } };
  await naive.control.inject({ method: 'PUT', url: '/faults/slow', payload: slow });
  expect((await fault(...latency)).stdout.split('\n')).toHaveLength(4 + 1);
  await naive.clock.advance(6000);
  const listed = (await fault()).stdout;
  expect(listed).toMatch(/^naive-downstream: manual-latency, 14 s left: /m);
  const left = (await fault('--clear')).stdout.split('\n').sort();
  expect(left).toEqual([
    '',
    'downstream: no fault',
    'guarded-downstream: no fault',
    expect.stringMatching(/^naive-downstream: slow, 3 s left: /),
  ]);
  await naive.clock.advance(3000);
  expect((await fault('--lane', 'naive')).stdout).toBe('naive-downstream: no fault\n');
});

test('fault goes on with the other dependencies if one does not answer, and says which', async () => {
  const { guarded } = await lanes('http://127.0.0.1:1');
  await guarded.stop();
  const { code, stdout, stderr } = await fault('hang', '--for', '20s');
  expect(code).toBe(1);
  expect(stdout.split('\n')).toHaveLength(2 + 1);
  expect(stderr).toMatch(/^guarded-downstream does not answer/);
});

test('fault affects a hop through netproxy, and says how to start it', async () => {
  const upstream = '127.0.0.1:1';
  const proxies = [{ name: 'gateway-downstream', listen: '127.0.0.1:0', upstream }];
  const { url, stop } = await startNetproxy({ proxies }, { clock: new VirtualClock() });
  await lanes(url);
  const onHop = ['blackhole', '--for', '20s', '--target', 'gateway->downstream'];
  expect((await fault(...onHop)).code).toBe(0);
  expect((await fault()).stdout).toMatch(
    /^netproxy: manual-blackhole-gateway-downstream, .*"target":"gateway-downstream"/m,
  );
  await stop();
  expect((await fault(...onHop)).stderr).toMatch(/docker\/chaos\.env/);
});
