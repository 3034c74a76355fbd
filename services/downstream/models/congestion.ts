import { Type } from '#kit/schema/type.ts';
import { modelKind } from './model.ts';

/** No work takes longer than an hour, however deep the overload. */
const msMax = 3_600_000;

/**
 * Congestion collapse. With the load factor f = inFlight ÷ (capacityRps ÷ 10):
 * latency = min(1 h, base + U·jitter + max(0, f − 1)·overloadLatency),
 * P(failure) = min(max, failureRatio + max(0, f − 1)·overloadFailureRatio).
 */
export const congestion = modelKind({
  description: 'Latency and failures grow with the requests in flight, until goodput approaches zero.',
  fields: {
    capacityRps: Type.Number({
      default: 250,
      exclusiveMinimum: 0,
      maximum: 1_000_000,
      description: 'The knee is at a tenth of it, in requests in flight.',
    }),
    baseLatencyMs: Type.Number({ default: 8, minimum: 0, maximum: msMax }),
    jitterMs: Type.Number({
      default: 6,
      minimum: 0,
      maximum: msMax,
      description: 'Uniform, on top of the base latency.',
    }),
    failureRatio: Type.Number({ default: 0.05, minimum: 0, maximum: 1, description: 'Below the knee.' }),
    overloadLatencyMs: Type.Number({
      default: 50,
      minimum: 0,
      maximum: msMax,
      description: 'Added for each load factor above 1.',
    }),
    overloadFailureRatio: Type.Number({
      default: 0.4,
      minimum: 0,
      maximum: 1000,
      description: 'Added for each load factor above 1.',
    }),
    failureRatioMax: Type.Number({ default: 0.95, minimum: 0, maximum: 1 }),
  },
  create(options) {
    const kneeInFlight = options.capacityRps / 10;
    return (inFlight, draw) => {
      const overload = Math.max(0, inFlight / kneeInFlight - 1);
      const failureRatio = Math.min(
        Math.max(options.failureRatio, options.failureRatioMax),
        options.failureRatio + overload * options.overloadFailureRatio,
      );
      const latencyMs =
        options.baseLatencyMs + draw('latency') * options.jitterMs + overload * options.overloadLatencyMs;
      return { latencyMs: Math.min(msMax, latencyMs), failed: draw('failure') < failureRatio };
    };
  },
});
