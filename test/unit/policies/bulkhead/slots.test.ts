import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Queue, Slots, slotsByKey } from '#policies/bulkhead/slots.ts';

/**
 * Takes all slots, and adds one waiter per character of `waiters`. `served` returns the waiters that got a slot.
 */
function setup(limit: number, waiters = '') {
  const slots = new Slots();
  const reports: [number, number][] = [];
  const configure = (next: number) => slots.configure(next, (...report) => reports.push(report));
  configure(limit);
  while (slots.take());
  let served = '';
  for (const waiter of waiters)
    slots.queue.join(() => {
      served += waiter;
    });
  return { slots, configure, served: () => served, last: () => reports.at(-1) };
}

test('Slots: a freed slot goes to the first waiter, and no other call gets it', () => {
  const { slots, served, last } = setup(2, 'ab');
  slots.free();
  expect([served(), slots.take(), last()]).toEqual(['a', false, [2, 1]]);
});

test.each([
  ['raised by 1, one waiter gets a slot', 3, 'a', [3, 2]],
  ['raised beyond the waiters, all of them get one', 9, 'abc', [5, 0]],
  ['lowered, those in use stay', 1, '', [2, 3]],
])('Slots: with a limit that is %s', (_sentence, limit, expected, report) => {
  const { configure, served, last } = setup(2, 'abc');
  configure(limit);
  expect([served(), last()]).toEqual([expected, report]);
});

test('Slots: with a limit that is lowered, no slot is given away until fewer are in use', () => {
  const { slots, configure, served } = setup(3, 'a');
  configure(1);
  slots.free();
  slots.free();
  expect([served(), slots.take()]).toEqual(['', false]);
  slots.free();
  expect([served(), slots.take()]).toEqual(['a', false]);
});

test('slotsByKey gives the same slots for the same key, and others for another', () => {
  const slots = slotsByKey();
  expect(slots('a')).toBe(slots('a'));
  expect(slots('b')).not.toBe(slots('a'));
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
