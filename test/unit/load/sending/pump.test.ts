import { describe, expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { pumpOf } from '#load/sending/pump.ts';

function rig(...scheduledAtMs: number[]) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const schedule = scheduledAtMs.map((ms, index) => ({ index, scheduledAtMs: ms }));
  const pump = pumpOf(clock, schedule, ({ index }) => sent.push(`${index} at ${clock.now()}`));
  return { clock, sent, pump };
}

describe('pumpOf', () => {
  test('sends at the scheduled times, counted from the start', async () => {
    const { clock, sent, pump } = rig(0, 5, 5, 20);
    pump.start(100);
    await clock.advance(104.9);
    expect(sent).toEqual(['0 at 100']);
    await clock.run();
    expect(sent).toEqual(['0 at 100', '1 at 105', '2 at 105', '3 at 120']);
  });

  test('run sends what is scheduled by now without waiting for a timer, and nothing else', async () => {
    const { clock, sent, pump } = rig(0, 5, 10);
    pump.start(0);
    clock.now = () => 7; // time passes, but timers don't run
    pump.run();
    expect(sent).toEqual(['0 at 0', '1 at 7']);
  });

  test('is done when the last one was sent, and leaves no timer', async () => {
    const { clock, pump } = rig(0, 5);
    pump.start(0);
    await clock.advance(4);
    expect(pump.isDone).toBe(false);
    await clock.advance(1);
    expect(pump.isDone).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('waits for scheduled times beyond the longest timer', async () => {
    const days = 30 * 86_400_000;
    const { clock, sent, pump } = rig(days);
    const naps: number[] = [];
    const after = clock.after.bind(clock);
    clock.after = (ms, callback) => {
      naps.push(ms);
      return after(ms, callback);
    };
    pump.start(0);
    await clock.advance(86_400_000);
    expect(Math.max(...naps)).toBeLessThan(2 ** 31);
    expect(sent).toEqual([]);
  });

  test('stop sends nothing more and leaves no timer', async () => {
    const { clock, sent, pump } = rig(0, 5);
    pump.start(0);
    pump.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(10);
    pump.run();
    expect(sent).toEqual(['0 at 0']);
  });
});

test('pumpOf holds back scheduled requests while paused, without a timer, and sends them when run again', async () => {
  const clock = new VirtualClock();
  const sent: string[] = [];
  let mayGo = true;
  const pump = pumpOf(
    clock,
    [0, 5, 20].map((scheduledAtMs, index) => ({ index, scheduledAtMs })),
    ({ index }) => sent.push(`${index} at ${clock.now()}`),
    () => mayGo,
  );
  pump.start(0);
  mayGo = false;
  await clock.advance(12);
  expect(sent).toEqual(['0 at 0']);
  expect(clock.pending).toBe(0);
  mayGo = true;
  pump.run();
  await clock.run();
  expect(sent).toEqual(['0 at 0', '1 at 12', '2 at 20']);
});
