import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Wire } from '#lab/world/simulated/hop.ts';
import { Line } from '#lab/world/simulated/line.ts';
import { SimulatedProcess } from '#lab/world/simulated/process.ts';

const service = { closing: async () => undefined, idle: async () => undefined };

/** Two processes with a hop of 2 ms. */
async function rig() {
  const clock = new VirtualClock();
  const seen: unknown[] = [];
  const see = (what: unknown) => void seen.push([clock.now(), what]);
  const client = await SimulatedProcess.start('gateway', clock, () => service);
  const server = await SimulatedProcess.start('downstream', clock, () => service);
  const wire = new Wire(server, 2, clock);
  const open = () => {
    const end = {
      party: client.party!,
      answered: ({ body }: { body: string }) => see(body),
      broken: ({ message }: Error) => see(message),
    };
    const line = new Line(end, wire);
    line.send(
      () => see('request'),
      () => see('sending'),
    );
    line.gone = () => see('gone');
    return line;
  };
  return { clock, seen, client, server, open };
}

test('a server that does not listen refuses the connection after 0.21 ms', async () => {
  const { clock, seen, server, open } = await rig();
  await server.end('SIGKILL');
  open();
  open().close();
  await clock.run();
  expect(seen).toEqual([[0.21, 'connect ECONNREFUSED']]);
});

test('the end of the server breaks the connection, and drops a request under way', async () => {
  const { clock, seen, server, open } = await rig();
  open();
  await clock.advance(5);
  open();
  await server.end('SIGKILL');
  await clock.run();
  expect(seen).toEqual([
    [0, 'sending'],
    [1, 'request'],
    [5, 'sending'],
    [6, 'the server closed the connection'],
    [6, 'the server closed the connection'],
  ]);
});

test('an answer that has left reaches the client, although the server has ended', async () => {
  const { clock, seen, server, open } = await rig();
  const line = open();
  await clock.advance(5);
  line.answer({ body: 'answer' });
  await server.end('SIGKILL');
  await clock.run();
  expect(seen.slice(2)).toEqual([[6, 'answer']]);
});

test('the end of the client, or its close, reaches the server, whose answer is dropped', async () => {
  const { clock, seen, client, open } = await rig();
  const [killed, closed] = [open(), open()];
  await clock.advance(5);
  closed.close();
  await client.end('SIGKILL');
  await clock.run();
  expect([killed.isGone, closed.isGone]).toEqual([true, true]);
  killed.answer({ body: 'answer' });
  await clock.run();
  expect(seen.slice(4)).toEqual([
    [6, 'gone'],
    [6, 'gone'],
  ]);
});

test('a paused server accepts connections, and reads requests when it continues', async () => {
  const { clock, seen, server, open } = await rig();
  server.pause();
  const line = open();
  await clock.advance(5);
  expect(seen).toEqual([[0, 'sending']]);
  line.close();
  await clock.advance(5);
  server.resume();
  await clock.run();
  expect(seen.slice(1)).toEqual([
    [10, 'request'],
    [10, 'gone'],
  ]);
});
