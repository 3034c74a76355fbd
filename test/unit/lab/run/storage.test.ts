import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { Controls, Samples } from '#lab/control.ts';
import { StorageWatch } from '#lab/run/storage.ts';

type Failures = Partial<Record<'disk-full' | 'disk', number>>;

/** Services that say how often they failed, and why they are not ready; `undefined` answers nothing. */
function rig() {
  const clock = new VirtualClock();
  const failures: Record<string, Failures | undefined> = { downstream: {}, publisher: {}, consumer: {} };
  const reasons: Record<string, string | undefined> = {};
  const control = (name: string) => ({
    async scrape(): Promise<Samples> {
      const said = failures[name];
      if (!said) throw new Error('no answer');
      return new Map(
        Object.entries(said).map(([reason, count]) => [
          `spillway_storage_failures_total{reason="${reason}"}`,
          count,
        ]),
      );
    },
    unready: async () => reasons[name],
  });
  const controls = Object.fromEntries(
    Object.keys(failures).map((name) => [name, control(name)]),
  ) as unknown as Controls;
  return { clock, failures, reasons, watch: new StorageWatch(controls, clock) };
}

test('StorageWatch.check names what a service could not store since the check before, and why', async () => {
  const { failures, reasons, watch } = rig();
  failures.publisher = { 'disk-full': 4 };
  await watch.check(); // what was before is not ours
  failures.publisher = { 'disk-full': 5 };
  reasons.publisher = 'the broker can not store';
  await expect(watch.check()).rejects.toMatchObject({
    name: 'disk-full',
    message: 'publisher: the broker can not store',
  });
  await watch.check();
});

test('StorageWatch.check puts a full disk before other failures, and says when one is over', async () => {
  const { failures, watch } = rig();
  await watch.check();
  failures.downstream = { disk: 1 };
  failures.consumer = { 'disk-full': 1 };
  await expect(watch.check()).rejects.toMatchObject({
    name: 'disk-full',
    message: 'consumer could not store something for a while',
  });
});

test('StorageWatch.check takes it for no reason that the run has paused the consumer', async () => {
  const { failures, reasons, watch } = rig();
  await watch.check();
  failures.consumer = { disk: 1 };
  reasons.consumer = 'paused';
  await expect(watch.check()).rejects.toThrow('consumer could not store something for a while');
});

test('StorageWatch.check leaves a service that does not answer to others, and remembers what it said before', async () => {
  const { failures, watch } = rig();
  await watch.check();
  failures.downstream = undefined;
  await watch.check();
  failures.downstream = { disk: 1 };
  await expect(watch.check()).rejects.toMatchObject({ name: 'disk' });
});

test('StorageWatch.failure checks every 250 ms, until the signal aborts', async () => {
  const { clock, failures, watch } = rig();
  await watch.check();
  const ended = expect(watch.failure(new AbortController().signal)).rejects.toMatchObject({ name: 'disk' });
  await clock.advance(249);
  failures.downstream = { disk: 1 };
  await clock.advance(1);
  await ended;
  const ending = new AbortController();
  const over = expect(watch.failure(ending.signal)).rejects.toThrow('over');
  ending.abort(new Error('over'));
  await over;
  expect(clock.pending).toBe(0);
});
