import { board, choice } from '#grafana/board.ts';
import { graph } from '#grafana/panels.ts';
import { quantile, rate } from '#grafana/promql.ts';

const chosen = 'job=~"$service", instance=~"$instance"';

export const runtime = board({
  uid: 'spillway-runtime',
  title: 'Runtime',
  description: 'CPU, memory, garbage collection and sockets of the processes: is the machine the bottleneck?',
  variables: [
    choice('service', 'Service', 'label_values(process_cpu_seconds_total, job)'),
    choice('instance', 'Instance', 'label_values(process_cpu_seconds_total{job=~"$service"}, instance)'),
  ],
  rows: {
    'Event loop and CPU': {
      'Event-loop delay, p99': graph(
        'How late timers fire. Everything in the process waits that long. Beyond a few ms its figures are in doubt.',
        {
          '{{job}} {{instance}}': quantile(
            0.99,
            'spillway_event_loop_delay_seconds',
            'job, instance',
            chosen,
          ),
        },
        { unit: 's', thresholds: { 0.05: 'orange' } },
      ),
      'CPU usage': graph(
        'CPU time per second, relative to one core. Near 100 % the event loop is saturated.',
        { '{{job}} {{instance}}': rate('process_cpu_seconds_total', 'job, instance', chosen) },
        { unit: 'percentunit', thresholds: { 0.9: 'orange' } },
      ),
    },
    'Memory and garbage collection': {
      'Resident memory': graph(
        'Memory of the process, all included.',
        { '{{job}} {{instance}}': `process_resident_memory_bytes{${chosen}}` },
        { unit: 'bytes' },
      ),
      'Heap in use': graph(
        'JavaScript objects. A saw-tooth is healthy. A rising floor is a leak or an unlimited queue.',
        { '{{job}} {{instance}}': `nodejs_heap_size_used_bytes{${chosen}}` },
        { unit: 'bytes' },
      ),
      'Time in garbage collection': graph(
        'Share of the time in garbage collection, in which the process stands still.',
        { '{{job}} {{instance}}': rate('nodejs_gc_duration_seconds_sum', 'job, instance', chosen) },
        { unit: 'percentunit', thresholds: { 0.1: 'orange' } },
      ),
    },
    Sockets: {
      'Open sockets': graph(
        'Open TCP connections and listeners. A client that opens one per request shows here first.',
        {
          '{{job}} {{instance}}': `sum by (job, instance) (nodejs_active_resources{type=~"TCP.*", ${chosen}})`,
        },
      ),
      'File descriptors': graph(
        'Open files and sockets, relative to the limit of the process. At 100 % it accepts no connection.',
        { '{{job}} {{instance}}': `process_open_fds{${chosen}} / process_max_fds{${chosen}}` },
        { unit: 'percentunit', thresholds: { 0.8: 'orange' } },
      ),
    },
  },
});
