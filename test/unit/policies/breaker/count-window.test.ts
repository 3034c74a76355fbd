import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { countWindow } from '#policies/breaker/count-window.ts';

const result = fc.record({ failed: fc.boolean(), slow: fc.boolean() });

test.prop([fc.integer({ min: 1, max: 8 }), fc.array(result)])(
  'countWindow holds the last `size` results, no matter what came before',
  (size, results) => {
    const window = countWindow(size);
    for (const [index, result] of results.entries()) {
      const last = results.slice(Math.max(0, index + 1 - size), index + 1);
      expect(window(result)).toEqual({
        calls: last.length,
        failures: last.filter(({ failed }) => failed).length,
        slow: last.filter(({ slow }) => slow).length,
      });
    }
  },
);
