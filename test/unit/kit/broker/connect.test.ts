import { NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { tickBatch } from '#kit/broker/client.ts';
import { untilAnswered } from '#kit/broker/connect.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

test('turns gives all calls within one turn the same end, and later calls another', async () => {
  const nextTurn = tickBatch();
  const log: string[] = [];
  const ask = (name: string) => nextTurn().then(() => log.push(name));
  const first = ask('a');
  await Promise.resolve(); // still in the same turn of the event loop
  const second = ask('b');
  expect(nextTurn()).toBe(nextTurn());
  setImmediate(() => log.push('the turn is over'));
  await Promise.all([first, second]);
  expect(log).toEqual(['a', 'b']);
  await ask('c');
  expect(log).toEqual(['a', 'b', 'the turn is over', 'c']);
});

function rig(...errors: Error[]) {
  const clock = new VirtualClock();
  const warnings: unknown[] = [];
  let asked = 0;
  const answer = untilAnswered(
    async () => {
      const error = errors[asked++];
      if (error) throw error;
      return 'done';
    },
    { warn: (text: unknown) => void warnings.push(text) } as never,
    clock,
  );
  answer.catch(() => undefined);
  return { answer, clock, warnings, asked: () => asked };
}

const noResponders = new NoRespondersError('$JS.API');

test('untilAnswered asks again where the broker does not answer, and says so once', async () => {
  const refused = new RequestError('no responders', { cause: noResponders });
  const { answer, clock, warnings, asked } = rig(new TimeoutError(), noResponders, refused);
  await clock.run();
  expect(await answer).toBe('done');
  expect([asked(), warnings]).toEqual([4, ['waiting for an answer from the broker']]);
});

test('untilAnswered rejects at once with what the broker answers', async () => {
  const { answer, asked, warnings } = rig(new Error('no room'));
  await expect(answer).rejects.toThrow('no room');
  expect([asked(), warnings]).toEqual([1, []]);
});
