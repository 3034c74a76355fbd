import { expect, test } from 'vitest';
import { measure } from '#lab/analysis/measure.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { experiment, observation } from './observation.ts';

const refusedRetries = (name: 'calls' | 'events', more: Partial<Observation> = {}) =>
  measure(experiment, observation(name, more), [100]).refusedRetries;

test('measure counts refused retries by policy, and none where the caller is foreign', () => {
  expect(refusedRetries('calls')).toEqual({ budget: 15, breaker: 16 });
  expect(refusedRetries('events')).toEqual({});
  expect(refusedRetries('calls', { foreign: ['gateway'] })).toBeUndefined();
});
