import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { untilListening } from '#lab/world/readiness.ts';
import { serveTls, trust } from '#test/support/https-server.ts';
import { silent } from '#test/support/silent.ts';

const { signal } = new AbortController();

test('untilListening waits for a service that does not listen yet', async () => {
  const { url, listen } = await silent();
  const waited = untilListening('gateway', url, { signal });
  const ended = waited.then(() => 'it listens');
  expect(
    await Promise.race([
      ended,
      untilListening('gateway', url, { signal, withinMs: 150 }).catch(() => 'not yet'),
    ]),
  ).toBe('not yet');
  await listen();
  expect(await ended).toBe('it listens');
});

test('untilListening says which service it expected where, and why the service was not reached in time', async () => {
  const { url } = await silent();
  // No time passes on this clock, so the refusal is always in time.
  const once = { signal, withinMs: 50, clock: new VirtualClock() };
  await expect(untilListening('gateway', url, once)).rejects.toMatchObject({
    name: 'gateway-unreachable',
    message: `no process accepts connections at ${url}, where gateway was expected (connect ECONNREFUSED ${url.slice(7)}): is it up?`,
  });
  const { port } = new URL(url);
  await expect(untilListening('gateway', `http://localhost:${port}`, once)).rejects.toThrow(
    '(connect ECONNREFUSED',
  );
});

test('untilListening refuses a certificate that is not valid, unless any is accepted', async () => {
  const { url, cert } = await serveTls((_, response) => response.end());
  const once = { signal, withinMs: 50, clock: new VirtualClock() };
  await untilListening('gateway', url, { ...once, insecure: true });
  await expect(untilListening('gateway', url, once)).rejects.toThrow(
    /\(self-signed certificate.*\): .*NODE_EXTRA_CA_CERTS/,
  );
  trust(cert);
  await untilListening('gateway', url, once);
});

test('untilListening ends with the reason when it is interrupted', async () => {
  const { url } = await silent();
  const interrupt = new AbortController();
  const waited = untilListening('gateway', url, { signal: interrupt.signal });
  interrupt.abort(new Error('interrupted'));
  await expect(waited).rejects.toThrow('interrupted');
});
