import { describe, expect, test } from 'vitest';
import { sleep } from '#kit/clock.ts';
import type { VirtualClock } from '#kit/virtual-clock.ts';
import { fault, ran, setUp } from './rig.ts';

describe('crashLoop', () => {
  const loop = { ...fault, forMs: 250, fault: { kind: 'crash-loop' as const, everyMs: 100 } };
  const slow = (ms: number) => (clock: VirtualClock) => sleep(ms, clock);

  test('kills its target at every multiple of its time, scraped before, and leaves it started', async () => {
    const { log, faults } = await ran({ fault: loop, restart: slow(30) });
    expect(log).toEqual(
      [100, 200, 300].flatMap((ms) => [
        `scraped at ${ms}`,
        `SIGKILL at ${ms}`,
        `gateway {"seed":7} at ${ms + 30}`,
      ]),
    );
    expect(await faults.ended()).toMatchObject([{ beganAtMs: 100, endedAtMs: 350 }]);
  });

  test('leaves out the kills for which its target is not up again yet', async () => {
    const { log, faults } = await ran({ fault: loop, restart: slow(150), scrape: async () => undefined });
    expect(log.map((line) => line.replace(' {"seed":7}', ''))).toEqual([
      'SIGKILL at 100',
      'gateway at 250',
      'SIGKILL at 300',
      'gateway at 450',
    ]);
    expect(await faults.ended()).toMatchObject([{ endedAtMs: 450 }]);
  });

  test('is over at once when it is stopped, its target started', async () => {
    const { clock, log, faults } = setUp({ fault: loop, restart: slow(30) });
    faults.begin(0);
    await clock.advance(140);
    await faults.stop();
    await clock.advance(1000);
    expect(log.at(-1)).toBe('gateway {"seed":7} at 130');
  });

  test('ends the run when its target can not be started, and tries once more', async () => {
    const failures = [new Error('no port'), new Error('still none')];
    const restart = () => Promise.reject(failures.shift());
    const { clock, faults } = setUp({ fault: loop, restart });
    faults.begin(0);
    const failed = expect(faults.failed).rejects.toThrow('no port');
    await clock.advance(1000);
    await failed;
    expect(await faults.stop()).toEqual([new Error('still none')]);
  });

  test('that is stopped while its target can not be started is cleared if it can be started then', async () => {
    let starts = 0;
    const { clock, log, faults } = setUp({
      fault: loop,
      async restart(clock) {
        starts += 1;
        await sleep(30, clock);
        if (starts === 1) throw new Error('not ready');
      },
    });
    faults.begin(0);
    await clock.advance(110);
    const stopped = faults.stop();
    await clock.advance(1000);
    expect(await stopped).toEqual([]);
    expect(log.at(-1)).toBe('gateway {"seed":7} at 160');
  });
});
