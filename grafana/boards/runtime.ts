import { board, choice } from '#grafana/board.ts';
import { graph } from '#grafana/panels.ts';
import { quantile, rate } from '#grafana/promql.ts';

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
    'Event loop and CPU': {
      'Event-loop delay, p99': graph(
        'How late timers run. All that a process does waits so long; beyond a few ms its own figures are in doubt.',
        {
          '{{job}} {{instance}}': quantile(
            0.99,
            'spillway_event_loop_delay_seconds',
            'job, instance',
            chosen,
          ),
        },
        { unit: 's', thresholds: { 0.05: 'orange' }, see: ['baseline'] },
      ),
      CPU: graph(
        'CPU time per second, of one core. A process has one event loop: near 100 % it is saturated.',
        { '{{job}} {{instance}}': rate('process_cpu_seconds_total', 'job, instance', chosen) },
        { unit: 'percentunit', thresholds: { 0.9: 'orange' } },
      ),
    },
    'Memory and garbage collection': {
      'Resident memory': graph(
        "What the process holds of the machine's memory, all included.",
        { '{{job}} {{instance}}': `process_resident_memory_bytes{${chosen}}` },
        { unit: 'bytes' },
      ),
      'Heap in use': graph(
        'JavaScript objects. A saw-tooth is healthy; a floor that rises is a leak, or a queue without a bound.',
        { '{{job}} {{instance}}': `nodejs_heap_size_used_bytes{${chosen}}` },
        { unit: 'bytes' },
      ),
      'Time in garbage collection': graph(
        'The share of the time that goes into garbage collection, in which nothing else happens.',
        { '{{job}} {{instance}}': rate('nodejs_gc_duration_seconds_sum', 'job, instance', chosen) },
        { unit: 'percentunit', thresholds: { 0.1: 'orange' } },
      ),
      'Garbage collections': graph(
        'By kind; `major` ones pause the longest.',
        { '{{kind}}, {{job}}': rate('nodejs_gc_duration_seconds_count', 'job, kind', chosen) },
        { unit: 'ops', stacked: true },
      ),
    },
    Sockets: {
      Sockets: graph(
        'Open TCP connections and listeners. A client that opens one for each request shows here first.',
        {
          '{{job}} {{instance}}': `sum by (job, instance) (nodejs_active_resources{type=~"TCP.*", ${chosen}})`,
        },
      ),
      'File descriptors': graph(
        'Open files and sockets, as a share of what the process may have; at 100 % it accepts nothing more.',
        { '{{job}} {{instance}}': `process_open_fds{${chosen}} / process_max_fds{${chosen}}` },
        { unit: 'percentunit', thresholds: { 0.8: 'orange' } },
      ),
    },
  },
});
