import { type Clock, sleep } from '#kit/clock.ts';
import type { MetricName } from '#kit/metrics.ts';
import { type Controls, type Samples, total } from '#lab/control.ts';

/** What all services said at one moment. */
export interface Sample {
  /** When they were asked. */
  readonly atMs: number;
  readonly inFlight: number | null;
  readonly retries: number | null;
  readonly breaker: number | null;
  readonly backlog: number | null;
  readonly dead: number | null;
}

/** Which metrics a sample is made of, on each path. */
const watched = {
  rpc: {
    downstream: ['spillway_work_in_flight'],
    front: ['spillway_retries_total', 'spillway_breaker_state', 'spillway_bulkhead_queued'],
  },
  event: {
    downstream: ['spillway_work_in_flight'],
    front: [
      'spillway_retries_total',
      'spillway_breaker_state',
      'spillway_stream_messages',
      'spillway_dead_letter_messages',
    ],
  },
} as const satisfies Record<string, Record<string, MetricName[]>>;

/** One that is paused must not hold up the others' samples for long. */
const patienceMs = 250;

/**
 * Samples the services every `everyMs` until the signal aborts. A service that does not answer leaves a gap: a crash
 * is part of what is measured.
 */
export async function sampleUntil(
  signal: AbortSignal,
  path: 'rpc' | 'event',
  controls: Controls,
  everyMs: number,
  clock: Clock,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const front = path === 'rpc' ? controls.gateway : controls.consumer;
  while (!signal.aborted) {
    const atMs = clock.now();
    const [downstream, caller] = await Promise.all([
      controls.downstream.scrape(watched[path].downstream, patienceMs).catch(() => undefined),
      front.scrape(watched[path].front, patienceMs).catch(() => undefined),
    ]);
    samples.push(toSample(atMs, path, downstream, caller));
    await sleep(everyMs, clock, signal).catch(() => undefined);
  }
  return samples;
}

function toSample(atMs: number, path: 'rpc' | 'event', downstream?: Samples, caller?: Samples): Sample {
  const of = (samples: Samples | undefined, name: MetricName) => {
    if (samples === undefined || samples.size === 0) return null;
    const value = total(samples, name);
    return Number.isNaN(value) ? null : value;
  };
  return {
    atMs,
    inFlight: of(downstream, 'spillway_work_in_flight'),
    retries: of(caller, 'spillway_retries_total'),
    breaker: of(caller, 'spillway_breaker_state'),
    backlog: of(caller, path === 'rpc' ? 'spillway_bulkhead_queued' : 'spillway_stream_messages'),
    dead: path === 'rpc' ? 0 : of(caller, 'spillway_dead_letter_messages'),
  };
}
