import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { announceTo } from '#lab/world/announcement.ts';
import { parsed } from '#test/fixtures/experiment.ts';

const experiment = parsed(`
deadlineMs: 100
load:
  - { name: calm, arrivals: { kind: constant, ratePerSecond: 10, forMs: 500 } }
  - { arrivals: { kind: constant, ratePerSecond: 10, forMs: 500 } }
variants: { events: { path: event, policies: [] } }
faults: [{ name: crash, atMs: 100, forMs: 10, target: consumer, fault: { kind: kill } }]
`);
const begun = { variant: 'events', path: 'event', deadlineMs: 100, faults: [], offered: 0, ended: {} };
const latencies = { counts: [2], sum: 0.001, count: 2 };
const counts = { offered: 4, inFlight: 1, outcomes: { ok: 2, pending: 1 }, latencies };

/**
 * Creates an announcement to a downstream that records requests. Downstream answers after `answerMs`, and fails if the
 * name of an `error` is given.
 */
function rig({ answerMs = 0, error = '' } = {}) {
  const clock = new VirtualClock();
  const said: { method: string; body: Record<string, unknown>; atMs: number }[] = [];
  let closed = 0;
  const announcement = announceTo(
    {
      async request(method, _path, body) {
        said.push({ method, body: body as Record<string, unknown>, atMs: clock.now() });
        if (answerMs > 0) await new Promise<void>((resolve) => clock.after(answerMs, resolve));
        if (error !== '') throw new TestbedError(error, error);
        return '';
      },
      close: async () => void closed++,
    },
    clock,
  );
  return { clock, said, announcement, closed: () => closed };
}

test('an announcement is repeated with the last state, one at a time, and errors are ignored', async () => {
  const { clock, said, announcement } = rig({ answerMs: 400, error: 'downstream-refused' });
  announcement.begin(experiment, 'events');
  for (const offered of [1, 2, 3]) announcement.over({ ...counts, elapsedMs: 1200, offered });
  await clock.advance(1000);
  const body = { ...begun, offered: 3, ended: counts.outcomes, latencies, leaseMs: 5000 };
  expect(said).toEqual([250, 900].map((atMs) => ({ method: 'PUT', body, atMs })));
});

test('stop waits for the announcement under way, announces the end of the run, and leaves no timer', async () => {
  const { clock, said, announcement, closed } = rig({ answerMs: 10 });
  announcement.begin(experiment, 'events');
  await clock.advance(250);
  const stopped = announcement.stop();
  await clock.advance(100);
  await stopped;
  expect(said.map(({ method }) => method)).toEqual(['PUT', 'DELETE']);
  expect([clock.pending, closed()]).toEqual([0, 1]);
});

test('an announcement has the variant, its phases by name, its counts, and its active faults', async () => {
  const { clock, said, announcement } = rig();
  announcement.begin(experiment, 'events');
  const last = async () => {
    await clock.advance(250);
    const { leaseMs: _, ...body } = said.at(-1)!.body;
    return body;
  };
  expect(await last()).toEqual(begun);
  announcement.counted({ ...counts, elapsedMs: 499 });
  expect(await last()).toEqual({ ...begun, offered: 4, ended: { ok: 2 }, latencies, phase: 'calm' });
  announcement.counted({ ...counts, elapsedMs: 500 });
  expect(await last()).toMatchObject({ phase: '2' });
  announcement.faultsChanged(experiment.faults);
  expect(await last()).toMatchObject({ faults: [{ name: 'crash', target: 'consumer', kind: 'kill' }] });
  announcement.faultsChanged([]);
  announcement.over({ ...counts, elapsedMs: 1200 });
  expect(await last()).toEqual({ ...begun, offered: 4, ended: { ok: 2, pending: 1 }, latencies });
});
