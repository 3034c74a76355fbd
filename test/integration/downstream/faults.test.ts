import { expect, test } from 'vitest';
import { raw, requestText } from '#test/support/raw.ts';
import { until } from '#test/support/until.ts';
import { rig } from './rig.ts';

async function broken(fault: object) {
  const held = await rig();
  const put = { method: 'PUT', url: '/faults/it', body: { leaseMs: 1000, fault } } as const;
  expect((await held.control.inject(put)).statusCode).toBe(200);
  return held;
}

/** Injects a fault, and makes a call whose work completes while the fault is active. */
async function affected(fault: object) {
  const held = await broken(fault);
  const caller = await held.call('r1');
  await held.clock.advance(20);
  return { ...held, caller };
}

test('hang: the work completes without an answer, and the connection breaks when the fault is over', async () => {
  const { caller, clock, committed } = await affected({ kind: 'hang' });
  expect(committed()).toMatchObject([{ id: 'r1', gone: false }]);
  await clock.advance(979);
  expect([caller.text(), caller.socket.destroyed]).toEqual(['', false]);
  await clock.advance(1);
  await caller.closed;
  expect(caller.text()).toBe('');
});

test('reset: the work completes, and the caller gets a reset', async () => {
  const { call, clock, committed } = await broken({ kind: 'reset' });
  const caller = await call('r1');
  const error = new Promise<NodeJS.ErrnoException>((resolve) => caller.socket.once('error', resolve));
  await clock.advance(20);
  expect((await error).code).toBe('ECONNRESET');
  expect(committed()).toHaveLength(1);
});

test('malformed: a whole answer that is no JSON', async () => {
  const { caller } = await affected({ kind: 'malformed' });
  await until(() => caller.text().includes('\r\n\r\n{'));
  const [head, body] = caller.text().split('\r\n\r\n');
  expect(head).toContain('application/json');
  expect(head).toContain(`content-length: ${body!.length}`);
  expect(() => JSON.parse(body!)).toThrow(SyntaxError);
});

test.each(['hang', 'reset'])(
  '%s breaks the connection of a request that waits behind another',
  async (kind) => {
    const { url, inFlight, clock, control } = await rig();
    const put = (name: string, fault: object) =>
      control.inject({ method: 'PUT', url: `/faults/${name}`, body: { leaseMs: 60_000, fault } });
    await put('slow', { kind: 'latency', added: { kind: 'fixed', ms: 1000 }, class: 'slow' });
    await put('it', { kind, class: 'struck' });
    const request = (name: string) =>
      requestText('POST', '/work', JSON.stringify({ id: name }), `x-class: ${name}\r\n`);
    const caller = await raw(url, request('slow') + request('struck'));
    await until(async () => (await inFlight()) === 2);
    await clock.advance(20);
    await control.inject({ method: 'DELETE', url: '/faults/it' });
    await caller.closed;
    await clock.advance(1000); // lets the work complete, for which stopping waits
  },
);
