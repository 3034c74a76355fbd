import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type Place, Queue } from '#policies/bulkhead/queue.ts';

const step = fc.oneof(
  fc.constant({ do: 'join' as const }),
  fc.constant({ do: 'serve' as const }),
  fc.record({ do: fc.constant('leave' as const), which: fc.nat() }),
);

test.prop([fc.array(step)])('WaitingLine serves like an array from which one may leave anywhere', (steps) => {
  const line = new Queue<number>();
  let expected: Place<number>[] = [];
  for (const [item, next] of steps.entries()) {
    if (next.do === 'join') expected.push(line.join(item));
    else if (next.do === 'serve') expect(line.serve()).toBe(expected.shift()?.item);
    else if (expected.length > 0) {
      const place = expected[next.which % expected.length]!;
      line.leave(place);
      expected = expected.filter((other) => other !== place);
    }
    expect(line.length).toBe(expected.length);
  }
  for (const { item } of expected) expect(line.serve()).toBe(item);
  expect(line.serve()).toBeUndefined();
});

test('WaitingLine serves 100,000 without going through them each time', () => {
  const line = new Queue<number>();
  const served: unknown[] = [];
  for (let i = 0; i < 100_000; i++) line.join(i);
  while (line.length > 0) served.push(line.serve());
  expect(served).toEqual(Array.from({ length: 100_000 }, (_, i) => i));
});
