import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '#kit/process/installation.ts';
import { askClientThread } from '#lab/world/simulated/client/thread.ts';

const folder = join(root, 'test/fixtures/virtual');

/** Calls an export of a module of the folder in a thread in virtual time. */
const call = (module: string, name: string, options = {}) =>
  askClientThread<object, { result: unknown; atMs: number }>(
    join(folder, 'thread.ts'),
    { path: join(folder, module), name },
    options,
  );

test('timers, clocks, context and aborts act in virtual time as in real time, and chance repeats', async () => {
  const [{ result, atMs }, again] = await Promise.all([
    call('observations.ts', 'default'),
    call('observations.ts', 'default'),
  ]);
  expect(again.result).toEqual(result);
  expect(atMs).toBe(280);
  const chance = (result as string[]).pop();
  expect(chance).toMatch(/^chance 0\.\d+( \w{8}-\w{4}-4\w{3}-\w{4}-\w{12}){2} \d+,\d+,\d+,\d+$/);
  // The same lines as in real time, where each is up to 20 ms later.
  expect(result).toEqual([
    '0 microtask',
    '0 tick',
    '0 immediate',
    '0 too long',
    '0 no number',
    '20 context outer',
    '30 argument true',
    '50 interval 1',
    '80 refreshed',
    '100 interval 2',
    '120 value',
    '150 interval 3',
    '180 each',
    '200 each',
    '220 each',
    '240 AbortError enough',
    '260 TimeoutError',
    '280 wall 280 true string',
    '280 hrtime true',
  ]);
});

test.each([
  ['opensSocket', 'not simulated: the client opened a socket (TCPWRAP)'],
  ['fetches', 'not simulated: the client opened a socket (TCPWRAP)'],
  ['looksUpName', 'not simulated: the client looked up a name (GETADDRINFOREQWRAP)'],
  ['readsFile', 'not simulated: the client used a file (FSREQCALLBACK)'],
  ['readsFileByPromise', 'not simulated: the client used a file (FSREQPROMISE)'],
  ['startsProcess', 'not simulated: the client started a process (PROCESSWRAP)'],
  ['startsThread', 'not simulated: the client started a thread (WORKER)'],
  ['compresses', 'not simulated: the client compressed in another thread (ZLIB)'],
  ['derivesKey', 'not simulated: the client computed in another thread (PBKDF2REQUEST)'],
  ['digests', 'not simulated: the client computed in another thread (HASHREQUEST)'],
  ['throwsInTimer', 'the client threw in a timer: Error: mistake at '],
  ['throwsInTick', 'the client threw: Error: mistake at '],
  ['leavesRejection', 'the client left a rejection unhandled: Error: mistake at '],
  ['exits', 'the client ended its process with exit code 3'],
  ['waitsForNothing', 'the client waits for nothing at 10 ms'],
])('a client that %s ends with an error', async (name, message) => {
  await expect(call('escaping.ts', name)).rejects.toMatchObject({
    name: 'client',
    message: expect.stringContaining(message),
  });
});

test.each([
  [true, 'the client kept virtual time at 0 ms for 0.5 s'],
  [false, 'the client kept its thread busy for 0.5 s'],
])('a client that never returns is ended; in virtual time: %s', async (isVirtual, message) => {
  const ended = call('escaping.ts', 'loops', { controlWithinMs: 500, isVirtual });
  await expect(ended).rejects.toThrow(message);
});

test('a client that prints is no escape, and a missing one says why', async () => {
  expect((await call('escaping.ts', 'prints')).atMs).toBe(0);
  await expect(call('missing.ts', 'default')).rejects.toThrow("the client can't be loaded");
});
