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
      graph({
        title: 'Event-loop delay, p99',
        description:
          'How late timers run. All that a process does waits so long; beyond a few ms its own figures are in doubt.',
        unit: 's',
        queries: {
          '{{job}} {{instance}}': quantile(
            0.99,
            'spillway_event_loop_delay_seconds',
            'job, instance',
            chosen,
          ),
        },
        thresholds: { 0.05: 'orange' },
        see: [baseline],
      }),
      graph({
        title: 'CPU',
        description:
          'CPU time per second, of one core. A process has one event loop: near 100 % it is saturated.',
        unit: 'percentunit',
        queries: { '{{job}} {{instance}}': rateOf('process_cpu_seconds_total') },
        thresholds: { 0.9: 'orange' },
      }),
    ],
    'Memory and garbage collection': [
      graph({
        title: 'Resident memory',
        description: "What the process holds of the machine's memory, all included.",
        unit: 'bytes',
        queries: { '{{job}} {{instance}}': `process_resident_memory_bytes{${chosen}}` },
      }),
      graph({
        title: 'Heap in use',
        description:
          'JavaScript objects. A saw-tooth is healthy; a floor that rises is a leak, or a queue without a bound.',
        unit: 'bytes',
        queries: { '{{job}} {{instance}}': `nodejs_heap_size_used_bytes{${chosen}}` },
      }),
      graph({
        title: 'Time in garbage collection',
        description:
          'The share of the time that goes into garbage collection, in which nothing else happens.',
        unit: 'percentunit',
        queries: { '{{job}} {{instance}}': rateOf('nodejs_gc_duration_seconds_sum') },
        thresholds: { 0.1: 'orange' },
      }),
      graph({
        title: 'Garbage collections',
        description: 'By kind; `major` ones pause the longest.',
        unit: 'ops',
        queries: { '{{kind}}, {{job}}': rateOf('nodejs_gc_duration_seconds_count', 'job, kind') },
        stacked: true,
      }),
    ],
    Sockets: [
      graph({
        title: 'Sockets',
        description:
          'Open TCP connections and listeners. A client that opens one for each request shows here first.',
        queries: {
          '{{job}} {{instance}}': `sum by (job, instance) (nodejs_active_resources{type=~"TCP.*", ${chosen}})`,
        },
      }),
      graph({
        title: 'File descriptors',
        description:
          'Open files and sockets, as a share of what the process may have; at 100 % it accepts nothing more.',
        unit: 'percentunit',
        queries: { '{{job}} {{instance}}': `process_open_fds{${chosen}} / process_max_fds{${chosen}}` },
        thresholds: { 0.8: 'orange' },
      }),
    ],
  },
});

/** The growth per second of a metric that is not ours. */
function rateOf(metric: string, by = 'job, instance'): string {
  return `sum by (${by}) (rate(${metric}{${chosen}}[$__rate_interval]))`;
}
