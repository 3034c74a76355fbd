import { expect, test } from 'vitest';
import type { Answer } from '#gateway/requests.ts';
import { sleep } from '#kit/clock.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { simulatedConnections } from '#lab/world/simulated/connections.ts';
import { Wire } from '#lab/world/simulated/hop.ts';
import { SimulatedProcess } from '#lab/world/simulated/process.ts';

const ok: Answer = { status: 200, attempts: 2, contentType: 'application/json', body: '{}' };

/** A connection whose gateway answers after 10 ms, behind a hop of 2 ms. */
async function rig(answer = ok) {
  const clock = new VirtualClock();
  const seen: unknown[] = [];
  const see = (what: unknown) => seen.push(clock.now(), what);
  const gateway = await SimulatedProcess.start('gateway', clock, (machine) => ({
    closing: async () => undefined,
    idle: async () => undefined,
    async serve(asked: WorkRequest, signal: AbortSignal) {
      see(asked);
      signal.addEventListener('abort', () => see('disconnected'));
      await sleep(10, machine.clock);
      return answer;
    },
  }));
  const connections = simulatedConnections([gateway], 1, (process) => new Wire(process, 2, clock), see);
  const channel = connections.take()!;
  const asked = connections.encoderOf({ path: 'rpc', url: '' })('r1', 1, 50, 'slow');
  channel.send(asked, { sending: () => see('sending'), answered: see, broken: see });
  return { clock, channel, seen, asked };
}

test('a request and its answer each take half of the hop, and the caller receives the attempts', async () => {
  const { clock, seen, asked } = await rig();
  await clock.run();
  const answer = { status: 200, attempts: 2, body: '{}', keepAliveMs: Number.POSITIVE_INFINITY };
  expect(seen).toEqual([0, 'sending', 1, asked, 12, answer]);
  expect(asked).toMatchObject({ body: { id: 'r1' }, leftMs: 50, class: 'slow' });
});

test('an unexpected error of the gateway is reported as a crash', async () => {
  const bug = new TypeError('x is not a function');
  const { clock, seen } = await rig({ ...ok, status: 500, error: bug });
  await clock.run();
  expect(seen).toContain(bug);
});
