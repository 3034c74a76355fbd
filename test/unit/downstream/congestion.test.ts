import { expect, test } from 'vitest';
import { buildModel, ModelOptions } from '#downstream/models.ts';
import { systemClock } from '#kit/clock.ts';
import { parser } from '#kit/schema/parser.ts';
import { InvalidError } from '#kit/schema/problems.ts';

const model = (options: object = {}) =>
  buildModel(parser(ModelOptions)({ kind: 'congestion', ...options }), systemClock);
const draws = (latency: number, failure: number) => (purpose: string) =>
  purpose === 'latency' ? latency : failure;

// The knee is at 25 in flight, a tenth of 250/s. Above the knee, each request in flight adds 2 ms of latency and 0.016
// to the failure ratio.
test.each<[string, object, number, number, number, number]>([
  ['alone', {}, 1, 0, 8, 0.05],
  ['alone, the longest jitter', {}, 1, 0.999, 13.994, 0.05],
  ['below the knee', {}, 12, 0.5, 11, 0.05],
  ['at the knee', {}, 25, 0.5, 11, 0.05],
  ['one beyond the knee', {}, 26, 0.5, 13, 0.066],
  ['twice the knee', {}, 50, 0.5, 61, 0.45],
  ['twice the knee, no jitter', {}, 50, 0, 58, 0.45],
  ['the last one below the cap', {}, 81, 0.5, 123, 0.946],
  ['the first one at the cap', {}, 82, 0.5, 125, 0.95],
  ['far beyond', {}, 350, 0.5, 661, 0.95],
  ['capacityRps moves the knee', { capacityRps: 100 }, 10, 0.5, 11, 0.05],
  ['capacityRps moves the slope', { capacityRps: 100 }, 20, 0.5, 61, 0.45],
  ['baseLatencyMs', { baseLatencyMs: 20 }, 50, 0.5, 73, 0.45],
  ['jitterMs', { jitterMs: 0 }, 50, 0.5, 58, 0.45],
  ['overloadLatencyMs', { overloadLatencyMs: 10 }, 50, 0.5, 21, 0.45],
  ['overloadFailureRatio', { overloadFailureRatio: 0.1 }, 50, 0.5, 61, 0.15],
  ['failureRatioMax', { failureRatioMax: 0.2 }, 50, 0.5, 61, 0.2],
  ['failureRatio', { failureRatio: 0.3 }, 25, 0.5, 11, 0.3],
  ['failureRatio above its cap holds all the same', { failureRatio: 1, failureRatioMax: 0.5 }, 1, 0.5, 11, 1],
])('congestion is the reference model: %s', (_, options, inFlight, jitter, latencyMs, failureRatio) => {
  const outcome = (failure: number) => model(options)(inFlight, draws(jitter, failure));
  expect(outcome(0).latencyMs).toBeCloseTo(latencyMs, 9);
  expect(outcome(failureRatio - 1e-9).failed).toBe(true);
  expect(outcome(failureRatio + 1e-9).failed).toBe(false);
});

test('congestion refuses a capacity of 0', () => {
  expect(() => model({ capacityRps: 0 })).toThrow(InvalidError);
});

test.each([
  ...['capacityRps', 'baseLatencyMs', 'jitterMs', 'failureRatio', 'failureRatioMax'],
  ...['overloadLatencyMs', 'overloadFailureRatio'],
])('congestion refuses a %s without end', (name) => {
  expect(() => model({ [name]: 1e12 })).toThrow(`/${name}: expected a number <= `);
});
