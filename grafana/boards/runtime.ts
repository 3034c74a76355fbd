import { board, choice } from '#grafana/board.ts';
import { baseline } from '#grafana/links.ts';
import { graph } from '#grafana/panels.ts';
import { quantile } from '#grafana/promql.ts';

const chosen = 'job=~"$service", instance=~"$instance"';

export const runtime = board({
  uid: 'spillway-runtime',
  title: 'Runtime',
  description:
    'The processes themselves: whether what is slow is the system, or the machine that it runs on.',
  variables: [
    choice('service', 'Service', 'label_values(process_cpu_seconds_total, job)'),
    choice('instance', 'Instance', 'label_values(process_cpu_seconds_total{job=~"$service"}, instance)'),
  ],
  rows: {
    'Event loop and CPU': [
      graph(
        'Event-loop delay, p99',
        'How late timers run. All that a process does waits so long; beyond a few ms its own figures are in doubt.',
        {
          '{{job}} {{instance}}': quantile(
            0.99,
            'spillway_event_loop_delay_seconds',
            'job, instance',
            chosen,
          ),
        },
        { unit: 's', thresholds: { 0.05: 'orange' }, see: [baseline] },
      ),
      graph(
        'CPU',
        'CPU time per second, of one core. A process has one event loop: near 100 % it is saturated.',
        { '{{job}} {{instance}}': rateOf('process_cpu_seconds_total') },
        { unit: 'percentunit', thresholds: { 0.9: 'orange' } },
      ),
    ],
    'Memory and garbage collection': [
      graph(
        'Resident memory',
        "What the process holds of the machine's memory, all included.",
        { '{{job}} {{instance}}': `process_resident_memory_bytes{${chosen}}` },
        { unit: 'bytes' },
      ),
      graph(
        'Heap in use',
        'JavaScript objects. A saw-tooth is healthy; a floor that rises is a leak, or a queue without a bound.',
        { '{{job}} {{instance}}': `nodejs_heap_size_used_bytes{${chosen}}` },
        { unit: 'bytes' },
      ),
      graph(
        'Time in garbage collection',
        'The share of the time that goes into garbage collection, in which nothing else happens.',
        { '{{job}} {{instance}}': rateOf('nodejs_gc_duration_seconds_sum') },
        { unit: 'percentunit', thresholds: { 0.1: 'orange' } },
      ),
      graph(
        'Garbage collections',
        'By kind; `major` ones pause the longest.',
        { '{{kind}}, {{job}}': rateOf('nodejs_gc_duration_seconds_count', 'job, kind') },
        { unit: 'ops', stacked: true },
      ),
    ],
    Sockets: [
      graph(
        'Sockets',
        'Open TCP connections and listeners. A client that opens one for each request shows here first.',
        {
          '{{job}} {{instance}}': `sum by (job, instance) (nodejs_active_resources{type=~"TCP.*", ${chosen}})`,
        },
      ),
      graph(
        'File descriptors',
        'Open files and sockets, as a share of what the process may have; at 100 % it accepts nothing more.',
        { '{{job}} {{instance}}': `process_open_fds{${chosen}} / process_max_fds{${chosen}}` },
        { unit: 'percentunit', thresholds: { 0.8: 'orange' } },
      ),
    ],
  },
});

/** Rate of a metric that Node or its client library defines. */
function rateOf(metric: string, by = 'job, instance'): string {
  return `sum by (${by}) (rate(${metric}{${chosen}}[$__rate_interval]))`;
}
