import { expect, test } from 'vitest';
import { buildModel, ModelOptions } from '#downstream/models.ts';
import { systemClock } from '#kit/clock.ts';
import { parser } from '#kit/schema/parser.ts';

const model = (options: object) =>
  buildModel(parser(ModelOptions)({ kind: 'fixed', ...options }), systemClock);

test.each([
  ['instant and healthy by default', {}, 0, 0, false],
  ['a draw below the ratio fails', { failureRatio: 0.5 }, 0.4999, 0, true],
  ['a draw at the ratio does not', { failureRatio: 0.5 }, 0.5, 0, false],
  ['with ratio 1 all fail', { failureRatio: 1 }, 0.999, 0, true],
  ['the latency is the latency', { latencyMs: 20 }, 0, 20, false],
])('fixed: %s', (_sentence, options, draw, latencyMs, failed) => {
  expect(model(options)(1, () => draw)).toEqual({ latencyMs, failed });
});
