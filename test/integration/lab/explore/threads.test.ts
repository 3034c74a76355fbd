import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Threads } from '#lab/explore/threads.ts';
import { testFolder } from '#test/support/folder.ts';

const answers = import.meta.resolve('#lab/explore/threads.ts');

/** Starts threads that answer with a function of the question `q`. */
function threads(answer: string, size = 2): Threads<number, number> {
  const script = join(testFolder(), 'script.mjs');
  writeFileSync(
    script,
    `import { answerAll } from ${JSON.stringify(answers)};\nanswerAll(async (q) => { ${answer} });`,
  );
  const started = new Threads<number, number>(pathToFileURL(script), { size });
  onTestFinished(() => started.close());
  return started;
}

test('Threads answers more questions than it has threads', async () => {
  const doubling = threads('return 2 * q;');
  expect(await Promise.all([1, 2, 3, 4, 5].map((q) => doubling.ask(q)))).toEqual([2, 4, 6, 8, 10]);
});

test('Threads rejects one question that fails, and answers the next', async () => {
  const picky = threads("if (q < 0) throw new Error('negative'); return q;", 1);
  await expect(picky.ask(-1)).rejects.toThrow('negative');
  expect(await picky.ask(1)).toBe(1);
});

test('Threads rejects all questions once a thread has died, and after close', async () => {
  const dying = threads('setImmediate(() => { throw new Error("broken") }); await new Promise(() => {});', 1);
  await expect(Promise.all([dying.ask(1), dying.ask(2)])).rejects.toThrow('broken');
  const closed = threads('await new Promise(() => {});', 1);
  const open = expect(closed.ask(1)).rejects.toThrow('closed');
  await closed.close();
  await open;
  await expect(closed.ask(2)).rejects.toThrow('closed');
});

test('Threads.during rejects questions with the reason of an abort, and ends its threads after the act', async () => {
  const busy = threads('await new Promise(() => {});', 1);
  const stop = new AbortController();
  const waiting = busy.during(stop.signal, () => busy.ask(1).catch(({ message }) => message));
  stop.abort(new Error('stopped'));
  expect(await waiting).toBe('stopped');
  await expect(busy.ask(2)).rejects.toThrow('stopped');
  const doubling = threads('return 2 * q;', 1);
  expect(await doubling.during(new AbortController().signal, () => doubling.ask(2))).toBe(4);
  await expect(doubling.ask(3)).rejects.toThrow('closed');
});
