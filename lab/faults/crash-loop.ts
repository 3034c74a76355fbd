import { sleep } from '#kit/clock.ts';
import { Type } from '#kit/schema/type.ts';
import { processFault } from './injectable.ts';

export const crashLoop = processFault({
  description: 'SIGKILL again and again; started each time at once.',
  fields: {
    everyMs: Type.Number({
      minimum: 50,
      maximum: 3_600_000,
      description: 'From one kill to the next; left out while it still starts.',
    }),
  },
  state: 'killed again and again',
  returns: true,
  begin: ({ testbed }, { target }) => testbed.end(target, 'SIGKILL'),
  async during({ testbed, clock, lastScrape }, { target, config, options: { everyMs } }, over) {
    const firstAtMs = clock.now();
    for (;;) {
      await testbed.restart(target, config);
      const sinceMs = (clock.now() - firstAtMs) % everyMs;
      await sleep(everyMs - sinceMs, clock, over).catch(() => undefined);
      if (over.aborted) return;
      await lastScrape(target);
      await testbed.end(target, 'SIGKILL');
    }
  },
  end: ({ testbed }, { target, config }) => testbed.restart(target, config),
});
