import { type Clock, processStartMs, systemClock } from '#kit/clock.ts';
import { Gauge } from '#kit/counters.ts';
import { exportStart, type Metrics } from '#kit/metrics.ts';
import { cpuOfProcess, EventLoop } from '#kit/stalls.ts';

/** Adds metrics of the process: CPU, memory, start, event-loop delay. The caller stops the returned sampler. */
export function trackProcess(metrics: Metrics, clock: Clock = systemClock): EventLoop {
  exportStart(metrics, processStartMs);
  const cpu = 'process_cpu_seconds_total';
  const read = () => [[cpu, cpuOfProcess() / 1000] as const];
  metrics.add({ name: cpu, help: 'CPU time that the process has used.', type: 'counter', read });
  const memory = { name: 'process_resident_memory_bytes', help: 'Resident memory.', labelNames: [] };
  metrics.add(new Gauge(memory, () => process.memoryUsage.rss()));
  const delay = metrics.histogram('spillway_event_loop_delay_seconds');
  return new EventLoop(clock, (delayMs) => delay.observe(delayMs / 1000));
}
