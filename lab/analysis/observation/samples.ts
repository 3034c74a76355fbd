import type { MetricName } from '#kit/metrics.ts';
import type { Path } from '#kit/wire.ts';
import type { Of } from '#lab/evidence/format.ts';
import { ruleOf, type Samples, together, total } from '#lab/evidence/samples.ts';
import type { ServiceName, ServiceProcess } from '#lab/topology/names.ts';
import { callers } from '#lab/topology/paths.ts';
import { serviceOf } from '#lab/topology/replicas.ts';

/** Gauges at one moment; null if a process that has a part in them did not respond. */
export interface Sample {
  readonly atMs: number;
  readonly inFlight: number | null;
  /** A counter, by process of the caller. */
  readonly retries: readonly (number | null)[];
  readonly breaker: number | null;
  readonly backlog: number | null;
  readonly dead: number | null;
}

/** Reads from a record of a variant on a path what its series show. */
export function sampleOf({ atMs, processes }: Of<'sample'>, path: Path): Sample {
  const answersOf = (service: ServiceName) =>
    Object.entries(processes).flatMap(([name, said]) =>
      serviceOf(name as ServiceProcess) === service ? [samplesOf(said)] : [],
    );
  const [downstream, calling] = [answersOf('downstream'), answersOf(callers[path])];
  return {
    atMs,
    inFlight: gaugeOf(downstream, 'spillway_work_in_flight'),
    retries: calling.map((each) => gaugeOf([each], 'spillway_retries_total')),
    breaker: gaugeOf(calling, 'spillway_breaker_state'),
    backlog: gaugeOf(calling, path === 'rpc' ? 'spillway_bulkhead_queued' : 'spillway_stream_messages'),
    dead: path === 'rpc' ? 0 : gaugeOf(calling, 'spillway_dead_letter_messages'),
  };
}

const samplesOf = (said: Of<'sample'>['processes'][string]): Samples =>
  new Map(Object.entries(said ?? {}).map(([series, value]) => [series, value ?? Number.NaN]));

function gaugeOf(answers: readonly Samples[], name: MetricName): number | null {
  const value = total(together(answers), name);
  const said = answers.filter(({ size }) => size > 0).length;
  // A sum without one of them would be too little.
  const isKnown = said > 0 && (ruleOf(name) !== undefined || said === answers.length);
  return isKnown && !Number.isNaN(value) ? value : null;
}
