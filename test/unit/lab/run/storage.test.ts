import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { Samples } from '#lab/control/samples.ts';
import { StorageWatch } from '#lab/run/storage.ts';
import { alone, replicated } from './controls.ts';

type Failures = Partial<Record<'disk-full' | 'disk' | 'forgotten', number>>;

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
          reason === 'forgotten'
            ? 'spillway_effects_forgotten_total'
            : `spillway_storage_failures_total{reason="${reason}"}`,
          count,
        ]),
      );
    },
    unready: async () => reasons[name],
  });
  const controls = alone(Object.fromEntries(Object.keys(failures).map((name) => [name, control(name)])));
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

test('StorageWatch.check refuses effects that were forgotten since the check before', async () => {
  const { failures, watch } = rig();
  failures.downstream = { forgotten: 300 };
  await watch.check();
  failures.downstream = { forgotten: 301 };
  await expect(watch.check()).rejects.toMatchObject({
    name: 'effects-forgotten',
    message: expect.stringContaining('EFFECTS_BYTES_MAX'),
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

test('StorageWatch.check follows each process of a service, and names the one that failed', async () => {
  const clock = new VirtualClock();
  const counts = { one: 5, other: 0 };
  const port = (name: keyof typeof counts) => ({
    scrape: async () => new Map([['spillway_storage_failures_total{reason="disk"}', counts[name]]]),
    unready: async () => undefined,
  });
  const controls = replicated({ consumer: { 'consumer-1': port('one'), 'consumer-2': port('other') } });
  const watch = new StorageWatch(controls, clock);
  await watch.check();
  // Of another process in the place of the first, so that together they count less.
  counts.one = 0;
  counts.other = 1;
  await expect(watch.check()).rejects.toThrow('consumer-2 could not store something for a while');
});
