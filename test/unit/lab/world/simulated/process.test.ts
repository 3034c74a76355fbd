import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Wire } from '#lab/world/simulated/hop.ts';
import { Line } from '#lab/world/simulated/line.ts';
import { type Machine, reliable, SimulatedProcess } from '#lab/world/simulated/process.ts';

/** A process whose service records its events. `work` is awaited by a graceful stop. */
async function rig(work: () => Promise<void> = async () => undefined) {
  const clock = new VirtualClock();
  const seen: unknown[] = [];
  const see = (what: unknown) => seen.push([clock.now(), what]);
  let machine!: Machine;
  const process = await SimulatedProcess.start('gateway', clock, (given, initial) => {
    machine = given;
    see({ started: initial });
    return { closing: async () => void see('closing'), idle: work };
  });
  seen.length = 0;
  const after = (ms: number, what: string) => machine.clock.after(ms, () => see(what));
  const receive = (what: string) => process.party?.receive(() => see(what));
  return {
    clock,
    process,
    seen,
    see,
    after,
    receive,
    cancel: (timer: unknown) => machine.clock.cancel(timer),
  };
}

test('a paused process runs its overdue timers and then reads its messages, when it continues', async () => {
  const { clock, process, seen, after, receive } = await rig();
  after(30, 'second timer');
  after(20, 'first timer');
  after(200, 'later timer');
  await clock.advance(10);
  process.pause();
  receive('first message');
  await clock.advance(50);
  receive('second message');
  expect(seen).toEqual([]);
  process.resume();
  receive('message after the pause');
  await clock.run();
  expect(seen).toEqual([
    ...['first timer', 'second timer', 'first message', 'second message', 'message after the pause'].map(
      (what) => [60, what],
    ),
    [200, 'later timer'],
  ]);
});

test('a resumed process does not run a timer that an overdue timer cancels', async () => {
  const { clock, process, seen, after, cancel } = await rig();
  const other = after(20, 'cancelled');
  process.party!.receive(() => cancel(after(5, 'cancelled')));
  process.pause();
  process.party!.receive(() => undefined);
  after(10, 'first');
  cancel(other);
  await clock.advance(30);
  process.resume();
  await clock.run();
  expect(seen).toEqual([[30, 'first']]);
});

test('a process that is paused while it catches up keeps the rest', async () => {
  const { clock, process, seen, receive } = await rig();
  process.pause();
  receive('a');
  process.party!.receive(() => process.pause());
  receive('b');
  process.resume();
  await clock.advance(10);
  expect(seen).toEqual([[0, 'a']]);
  process.resume();
  await clock.run();
  expect(seen).toEqual([
    [0, 'a'],
    [10, 'b'],
  ]);
});

test('a killed process loses its timers and messages, and starts again with a configuration', async () => {
  const { clock, process, seen, after, receive } = await rig();
  after(10, 'timer');
  process.pause();
  receive('message');
  await process.end('SIGKILL');
  process.resume();
  expect([process.isListening, process.party]).toEqual([false, undefined]);
  const restarted = process.restart({ a: 1 });
  await clock.advance(169);
  expect(process.isListening).toBe(false);
  await clock.advance(1);
  await restarted;
  expect(process.isListening).toBe(true);
  expect(seen).toEqual([[170, { started: { a: 1 } }]]);
  await process.restart({ a: 2 });
  expect(seen).toHaveLength(1);
});

test('a stopped process accepts no connection, and ends after its requests and its work', async () => {
  const work = Promise.withResolvers<void>();
  const { clock, process, seen, see } = await rig(() => work.promise);
  const client = { party: reliable, answered: ({ body }: { body: string }) => see(body), broken: see };
  const line = new Line(client, new Wire(process, 0, clock));
  line.send(() => undefined);
  const stopped = process.end('SIGTERM').then(() => see('ended'));
  await clock.advance(10);
  expect([process.isListening, seen]).toEqual([false, [[0, 'closing']]]);
  line.answer({ body: 'answer' });
  await clock.advance(10);
  expect(process.party).toBeDefined();
  work.resolve();
  await stopped;
  expect(process.party).toBeUndefined();
  expect(seen.slice(1)).toEqual([
    [10, 'answer'],
    [20, 'ended'],
  ]);
});

test('a process that does not stop within 30 s is killed', async () => {
  const { clock, process } = await rig(() => new Promise(() => undefined));
  void process.end('SIGTERM');
  await clock.advance(29_999);
  expect(process.party).toBeDefined();
  await clock.advance(1);
  expect(process.party).toBeUndefined();
});

test('ask is answered at once, after a pause, or rejects when the process ends', async () => {
  const { process, clock } = await rig();
  expect(await process.ask(() => 1)).toBe(1);
  process.pause();
  const [late, failing] = [
    process.ask(() => clock.now()),
    process.ask(() => {
      throw new Error('refused');
    }),
  ];
  failing.catch(() => undefined);
  await clock.advance(10);
  process.resume();
  await clock.run();
  expect(await late).toBe(10);
  await expect(failing).rejects.toThrow('refused');
  process.pause();
  const never = process.ask(() => 2);
  await process.end('SIGKILL');
  await expect(never).rejects.toThrow('the process has ended');
  await expect(process.ask(() => 3)).rejects.toThrow('the process has ended');
});

test('a graceful stop rejects with an error of the service', async () => {
  const { clock, process } = await rig(() => Promise.reject(new Error('the service failed')));
  await expect(clock.runUntil(process.end('SIGTERM'))).rejects.toThrow('the service failed');
});
