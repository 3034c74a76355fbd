import { type Clock, sleep } from '#kit/clock.ts';
import type { MetricName } from '#kit/metrics.ts';
import type { Path } from '#kit/wire.ts';
import type { Controls, ServiceControl } from '#lab/control/controls.ts';
import { ruleOf, type Samples, together, total } from '#lab/control/samples.ts';
import type { Of } from '#lab/evidence/format.ts';
import { callers } from '#lab/paths.ts';

/** Which metrics a sample is made of, on each path. */
const watched = {
  rpc: {
    downstream: ['spillway_work_in_flight'],
    caller: ['spillway_retries_total', 'spillway_breaker_state', 'spillway_bulkhead_queued'],
  },
  event: {
    downstream: ['spillway_work_in_flight'],
    caller: [
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
 * Samples the services every `everyMs` until the signal aborts, and hands each sample to `record`. A service that does not answer leaves a gap, and one of
 * several processes one in their sums: a crash is part of what is measured.
 */
export async function sampleUntil(
  signal: AbortSignal,
  path: Path,
  controls: Controls,
  everyMs: number,
  clock: Clock,
  record: (sample: Of<'sample'>) => void,
): Promise<void> {
  const caller = controls[callers[path]];
  while (!signal.aborted) {
    const atMs = clock.now();
    const [downstream, calling] = await Promise.all([
      answersOf(controls.downstream, watched[path].downstream),
      answersOf(caller, watched[path].caller),
    ]);
    record(toSample(atMs, path, downstream, calling));
    await sleep(everyMs, clock, signal).catch(() => undefined);
  }
}

/** What each process says; nothing of one that does not answer. */
const answersOf = ({ processes }: ServiceControl, names: readonly MetricName[]): Promise<Samples[]> =>
  Promise.all(
    [...processes.values()].map((process) =>
      process.scrape(names, patienceMs).catch((): Samples => new Map()),
    ),
  );

function toSample(
  atMs: number,
  path: Path,
  downstream: readonly Samples[],
  calling: readonly Samples[],
): Of<'sample'> {
  const of = (answers: readonly Samples[], name: MetricName) => {
    const value = total(together(answers), name);
    // A sum without one of them would be too little.
    const isKnown = ruleOf(name)
      ? answers.some(({ size }) => size > 0)
      : answers.every(({ size }) => size > 0);
    return !isKnown || Number.isNaN(value) ? null : value;
  };
  return {
    record: 'sample',
    atMs,
    inFlight: of(downstream, 'spillway_work_in_flight'),
    retries: calling.map((each) => of([each], 'spillway_retries_total')),
    breaker: of(calling, 'spillway_breaker_state'),
    backlog: of(calling, path === 'rpc' ? 'spillway_bulkhead_queued' : 'spillway_stream_messages'),
    dead: path === 'rpc' ? 0 : of(calling, 'spillway_dead_letter_messages'),
  };
}
