import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { loadHold } from '#lab/testbed/attach/hold.ts';
import { listening } from '#test/support/listening.ts';

/** Starts a load whose answers to a hold are given; the last one repeats. Returns its hold and the calls to it. */
async function rig(...answers: boolean[]) {
  const calls: string[] = [];
  const server = createServer((request, reply) => {
    calls.push(`${request.method} ${request.url}`);
    const isStill = answers.length > 1 ? answers.shift() : answers[0];
    request.resume().once('end', () => reply.end(JSON.stringify({ isStill })));
  });
  const hold = loadHold(`http://127.0.0.1:${await listening(server)}`, undefined);
  const said: string[] = [];
  return {
    hold,
    calls,
    said,
    begin: () => hold.begin((line) => said.push(line), new AbortController().signal),
  };
}

test('loadHold waits until nothing of the load is left, says so, and ends the hold', async () => {
  const { hold, calls, said, begin } = await rig(false, true);
  await begin();
  await hold.end();
  expect(calls).toEqual(['PUT /hold', 'PUT /hold', 'DELETE /hold']);
  expect(said).toEqual([expect.stringContaining('Holding the load')]);
});

test('loadHold rejects when the load has started during the hold', async () => {
  const { hold, begin } = await rig(true, false);
  await begin();
  await expect(hold.lost).rejects.toThrow('the load of the testbed started during the run');
  await hold.end();
});

test('loadHold does without a load that does not run', async () => {
  const hold = loadHold('http://127.0.0.1:1', undefined);
  await hold.begin(() => expect.unreachable(), new AbortController().signal);
  await hold.end();
});
