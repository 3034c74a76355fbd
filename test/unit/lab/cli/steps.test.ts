import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { stepsTo, trialsTo } from '#lab/cli/steps.ts';

/** Records what is written to a terminal, or to a pipe. */
function output(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they move the cursor
  const shown = () => written.join('').replaceAll(/\r\x1b\[2K/g, '⌫');
  return { stream: stream as unknown as NodeJS.WriteStream, shown };
}

const step = (done: number, leftMs?: number) => [{ done, of: 20, leftMs }, `${done} of 20`] as const;

test('stepsTo writes a first line to a pipe and one for each tenth, with the time left until the end', () => {
  const { stream, shown } = output(false);
  const show = stepsTo(stream, new VirtualClock());
  for (const done of [1, 2, 3, 20]) show(...step(done, 4100));
  expect(shown()).toBe('0 %: 1 of 20, about 5 s left\n10 %: 2 of 20, about 5 s left\n100 %: 20 of 20\n');
});

test('stepsTo redraws the line of a terminal at most every 100 ms, but for the last step', () => {
  const clock = new VirtualClock();
  const { stream, shown } = output(true);
  const show = stepsTo(stream, clock);
  for (const done of [1, 2, 20]) show(...step(done));
  expect(shown()).toBe('⌫1 of 20⌫20 of 20');
});

test('trialsTo shows a trial under way on a terminal, and lines above it', () => {
  const { stream, shown } = output(true);
  const show = trialsTo(stream, (holds) => (holds ? '✓' : '✗'));
  show.at('over the range');
  show.under('x=1');
  show.tried('x=1', true);
  show.at('over the range');
  show.under('x=2');
  expect(shown()).toBe('⌫Values over the range:\n⌫x=1⌫✓ x=1\n⌫x=2');
});
