import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Generator } from '#lab/runner/generator.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { testFolder } from '#test/support/folder.ts';

const target = { path: 'rpc', url: 'http://127.0.0.1:1', connections: 1 } as const;

/** The lab's hold on a generator that has said something, and its pid. */
async function start(clock?: VirtualClock) {
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const guarded = vi.spyOn(guard, 'process');
  const generator = new Generator(join(testFolder(), 'generator.log'), guard, clock);
  const warm = () => generator.warm({ ...target, requests: 0, concurrency: 1 });
  await warm().catch(() => undefined); // any answer means that it is up
  return { generator, warm, pid: guarded.mock.calls[0]![0].pid! };
}

const exists = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('Generator.stop ends a process that hangs', async () => {
  const clock = new VirtualClock();
  const { generator, pid } = await start(clock);
  process.kill(pid, 'SIGSTOP');
  const stopping = generator.stop();
  await clock.advance(10_000);
  await stopping;
  expect(exists(pid)).toBe(false);
});

test('Generator.run ends by name when its process hangs, and no sooner', async () => {
  const clock = new VirtualClock();
  const { generator, pid } = await start(clock);
  onTestFinished(() => generator.stop());
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const started = Promise.withResolvers<number>();
  const load = [{ arrivals: { kind: 'constant' as const, ratePerSecond: 1, forMs: 60_000 } }];
  const ending = generator
    .run(
      {
        ...target,
        url,
        seed: 1,
        deadlineMs: 1000,
        drainMs: 1000,
        recordFile: '/dev/null',
        load,
        classes: {},
      },
      { started: started.resolve },
    )
    .catch((error) => error);
  await Promise.race([started.promise, ending]);
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  await clock.advance(29_999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await ending).toMatchObject({ name: 'generator-silent' });
  expect(clock.pending).toBe(0);
});

test('Generator.stop ends its process, may be called twice, and later commands fail with that reason', async () => {
  const { generator, warm, pid } = await start();
  await generator.stop();
  await generator.stop();
  expect(exists(pid)).toBe(false);
  await expect(warm()).rejects.toMatchObject({ name: 'generator-died' });
});
