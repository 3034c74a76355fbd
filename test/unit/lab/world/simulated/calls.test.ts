import { expect, test } from 'vitest';
import { offer } from './rig.ts';

/** Offers a request while a fault is active, from 0 to 520 ms. The load begins at 20 ms. */
const affected = (fault: object, variant = '{ path: rpc }') =>
  offer(variant, {
    overheads: { downstreamMs: 2 },
    before: ({ downstream }) => downstream.request('PUT', '/faults/it', { leaseMs: 520, fault }),
  });

test.each([
  ['malformed: the call fails', { kind: 'malformed' }, '22.000,failed,502,1'],
  ['reset: the call fails', { kind: 'reset' }, '22.000,failed,502,1'],
  ['hang: the connection breaks when the fault is cleared', { kind: 'hang' }, '501.000,failed,502,1'],
  [
    'latency: the attempt takes longer',
    { kind: 'latency', added: { kind: 'fixed', ms: 40 } },
    '62.000,ok,200,1',
  ],
  ['failure: the attempt fails', { kind: 'failure' }, '22.000,failed,502,1'],
])('%s', async (_what, fault, end) => {
  const { lines, counted } = await affected(fault);
  expect(lines).toEqual([`0,0.000,0.000,${end}`]);
  const effects = fault.kind === 'failure' ? 0 : 1;
  expect(await counted('spillway_effects_total', 'caller="waiting"')).toBe(effects);
});

test('hang holds no call that its gateway has given up', async () => {
  const { clock, lines } = await affected(
    { kind: 'hang' },
    '{ path: rpc, policies: [{ timeout: { ms: 60 } }] }',
  );
  expect(lines).toEqual(['0,0.000,0.000,60.000,timeout,504,1']);
  await clock.advance(5);
  expect(clock.pending).toBe(2); // the timers of the fault's lease and of the consumer's ack waits
});

test('a control port lists faults, clears them, and refuses a wrong one', async () => {
  const { controls } = await offer('{ path: rpc }');
  const port = controls.downstream.processes.get('downstream')!;
  const fault = { kind: 'failure', ratio: 0.5, status: 503 };
  const listed = [{ name: 'a b', leftMs: 1000, ...fault }];
  expect(JSON.parse(await port.request('PUT', '/faults/a%20b', { leaseMs: 1000, fault }))).toEqual(listed);
  expect(JSON.parse(await port.request('GET', '/faults'))).toEqual(listed);
  expect(JSON.parse(await port.request('DELETE', '/faults/a%20b'))).toEqual([]);
  await expect(port.request('PUT', '/faults/a', { leaseMs: 1000, fault: { kind: 'rain' } })).rejects.toThrow(
    '/fault/kind',
  );
});
