import { type Clock, sleep } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { Control } from '#lab/testbed/control/control.ts';

const withinMs = 20_000;

/** Resolves once the service behind a control port can do its job. Rejects with TestbedError when it can't within 20 s. */
export async function untilReady(name: string, url: string, token: string, clock: Clock): Promise<void> {
  const port = new Control(name, url, token);
  const giveUpAtMs = clock.now() + withinMs;
  try {
    while (clock.now() < giveUpAtMs) {
      const answered = await port.request('GET', '/readyz').then(
        () => true,
        () => false,
      );
      if (answered) return;
      await sleep(20, clock);
    }
    throw new TestbedError(`${name}-not-ready`, `${name} was not ready within ${withinMs / 1000} s`);
  } finally {
    await port.close();
  }
}
