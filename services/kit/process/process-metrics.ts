import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Clock, processStartMs, systemClock } from '#kit/clock.ts';
import { type Labels, seriesOf } from '#kit/counters.ts';
import { exportStart, type Metrics } from '#kit/metrics.ts';
import { sampleEventLoop } from '#kit/stalls.ts';

/** Value of a metric of prom-client, which doesn't export the type. */
interface Value {
  readonly metricName?: string;
  readonly labels: Labels;
  /** Labels that all series of a histogram share; those in `labels` come before them. */
  readonly sharedLabels?: Labels;
  readonly value: number;
}

/** Adds metrics of CPU, memory, garbage collection and event-loop delay. The caller stops the returned sampler. */
export function trackProcess(metrics: Metrics, clock: Clock = systemClock) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name, help, type } of registry.getMetricsAsArray()) {
    const read = async () => {
      const { values } = await registry.getSingleMetric(name)!.get();
      return (values as Value[]).map(
        ({ metricName = name, labels, sharedLabels, value }) =>
          [seriesOf(metricName, { ...labels, ...sharedLabels }), value] as const,
      );
    };
    metrics.add({ name, help, type: String(type), read });
  }
  // Replaces the library's start time. It is in whole seconds, so a quick restart would go unnoticed.
  exportStart(metrics, processStartMs);
  const delay = metrics.histogram('spillway_event_loop_delay_seconds');
  return sampleEventLoop(clock, (delayMs) => delay.observe(delayMs / 1000));
}
