import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Queue, Slots } from '#policies/bulkhead/slots.ts';

test('Slots: a freed slot goes to the first waiter, and no other call gets it', () => {
  const reports: [number, number][] = [];
  const slots = new Slots(2, (...report) => reports.push(report));
  while (slots.take());
  let served = '';
  for (const waiter of 'ab')
    slots.queue.join(() => {
      served += waiter;
    });
  slots.free();
  expect([served, slots.take(), reports.at(-1)]).toEqual(['a', false, [2, 1]]);
});

const step = fc.oneof(
  fc.constant({ do: 'join' as const }),
  fc.constant({ do: 'serve' as const }),
  fc.record({ do: fc.constant('leave' as const), which: fc.nat() }),
);

test.prop([fc.array(step)])('Queue serves like an array from which one may leave anywhere', (steps) => {
  const queue = new Queue<number>();
  const places: ReturnType<Queue<number>['join']>[] = [];
  let expected: number[] = [];
  for (const [item, next] of steps.entries()) {
    if (next.do === 'join') {
      expected.push(item);
      places[item] = queue.join(item);
    } else if (next.do === 'serve') expect(queue.serve()).toBe(expected.shift());
    else if (expected.length > 0) {
      const leaving = expected[next.which % expected.length]!;
      queue.leave(places[leaving]!);
      expected = expected.filter((other) => other !== leaving);
    }
    expect(queue.length).toBe(expected.length);
  }
  for (const item of expected) expect(queue.serve()).toBe(item);
  expect(queue.serve()).toBeUndefined();
});
