import type { Static } from 'typebox';
import { type Final, number, object } from './schema-helpers.ts';

/** A distribution of durations. */
export const Percentiles = object({
  count: number,
  meanMs: number,
  p50Ms: number,
  p90Ms: number,
  p95Ms: number,
  p99Ms: number,
  p999Ms: number,
  maxMs: number,
});
export type Percentiles = Final<Static<typeof Percentiles>>;
