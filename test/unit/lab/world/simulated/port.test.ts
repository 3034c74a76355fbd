import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { SimulatedPort } from '#lab/world/simulated/port.ts';
import { SimulatedProcess } from '#lab/world/simulated/process.ts';

test('a port gives up on an answer that never comes, since its process ended meanwhile', async () => {
  const clock = new VirtualClock();
  const control = { metrics: { values: () => new Promise(() => undefined) } };
  const process = await SimulatedProcess.start('consumer', clock, () => ({
    closing: async () => undefined,
    idle: async () => undefined,
    control: control as never,
  }));
  const scraped = expect(new SimulatedPort(process, clock).scrape([], 250)).rejects.toThrow(
    'not within 250 ms',
  );
  await process.end('SIGKILL');
  await clock.advance(250);
  await scraped;
});
