import { expect, test } from 'vitest';
import { redeliveryDelayMs, refusalDelays } from '#consumer/redelivery.ts';
import { drawFor } from '#kit/random.ts';

test('redeliveryDelayMs draws full jitter as a retry of the same attempt would', () => {
  const backoff = { kind: 'exponential', baseMs: 20, capMs: 400, jitter: 'full' } as const;
  expect(redeliveryDelayMs(backoff, 7, 'r1', 3, 1)).toBe(drawFor(7, 'r1', 3, 'backoff') * 80);
});

test('refusalDelays grow like the backoff, each by a separate draw', () => {
  const backoff = { kind: 'exponential', baseMs: 20, capMs: 70, jitter: 'none' } as const;
  const next = refusalDelays(backoff, 7, 'r1');
  expect([next(), next(), next()]).toEqual([20, 40, 70]);
  const drawn = refusalDelays({ ...backoff, baseMs: 70, jitter: 'full' }, 7, 'r1');
  expect(drawn()).not.toBe(drawn());
});
