import { catalogue, Metrics } from '#kit/metrics.ts';
import { trackProcess } from '#kit/process/process-metrics.ts';

/** Metrics that Prometheus itself adds. */
const ofPrometheus = ['up', 'ALERTS'];

/** Returns the names of all series that a query may use, except series of recording rules. */
export function metricNames(): Set<string> {
  const metrics = new Metrics();
  trackProcess(metrics).stop();
  const ours = Object.entries(catalogue).map(([name, { type }]) => ({ name, type: type as string }));
  const names = [...ours, ...metrics.all].flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set([...names, ...ofPrometheus]);
}
