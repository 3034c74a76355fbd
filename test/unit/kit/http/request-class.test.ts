import { describe, expect, test } from 'vitest';
import { type Classes, classOf, readClass } from '#kit/http/request-class.ts';
import { requestId } from '#kit/wire.ts';

const count = 10_000;

/** How many of 10,000 requests have a class. */
function tally(classes: Classes, seed = 7): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const name = classOf(classes, seed, requestId(index)) ?? 'none';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Three standard errors of a share. */
const within = (share: number) => 3 * Math.sqrt(count * share * (1 - share));

describe('classOf', () => {
  test('gives each class its share, and none to the rest', () => {
    const counts = tally({ slow: 0.05, quick: 0.6 });
    for (const [name, share] of Object.entries({ slow: 0.05, quick: 0.6, none: 0.35 }))
      expect(Math.abs(counts[name]! - count * share)).toBeLessThan(within(share));
  });

  test('leaves nobody without one where the shares make up the whole', () => {
    const tenths = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`class-${i}`, 0.1]));
    expect(tally(tenths).none).toBeUndefined();
  });

  test('is the same for the same seed, and another one for another', () => {
    const all = (seed: number) =>
      Array.from({ length: 100 }, (_, i) => classOf({ a: 0.5, b: 0.5 }, seed, requestId(i)));
    expect(all(7)).toEqual(all(7));
    expect(all(7)).not.toEqual(all(8));
  });

  test('is undefined where there are no classes', () => {
    expect(classOf({}, 7, 'r0')).toBeUndefined();
  });
});

test.each([undefined, '', 'Slow', 'a b', '-a', '5', ['slow'], 'x'.repeat(41)])(
  'readClass takes %j for no class',
  (header) => {
    expect(readClass(header)).toBeUndefined();
  },
);

test.each(['slow', 'tier-2', 'x'.repeat(40)])('readClass takes %j for one', (header) => {
  expect(readClass(header)).toBe(header);
});
