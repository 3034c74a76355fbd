import { deliveries, givenUp, letters, oldest } from '#grafana/boards/shared.ts';
import { burst } from '#grafana/links.ts';
import { graph } from '#grafana/panels.ts';
import { durations, quantile, rate } from '#grafana/promql.ts';

/** What takes events in. */
export function publisher() {
  return [
    graph({
      title: 'Events published',
      description:
        'What became of the events that callers handed in: only what is accepted, or was before, is in the stream.',
      unit: 'reqps',
      queries: { '{{result}}': rate('spillway_published_total', 'result') },
      width: 8,
      stacked: true,
    }),
    graph({
      title: 'Duration',
      description: "From receiving an event to answering it, after the stream's acknowledgement.",
      unit: 's',
      queries: durations('publisher'),
      width: 8,
    }),
    graph({
      title: 'In flight',
      description: 'Events that wait for the acknowledgement of the stream.',
      unit: 'short',
      queries: { 'in flight': 'sum(spillway_requests_in_flight{job="publisher"})' },
      width: 8,
    }),
  ];
}

/** What keeps them. */
export function stream() {
  return [
    graph({
      title: 'Backlog',
      description: 'Events in the work stream, against the most that it takes; then it refuses.',
      unit: 'short',
      queries: { events: 'max(spillway_stream_messages)', limit: 'max(spillway_stream_limit)' },
      width: 12,
    }),
    oldest(),
  ];
}

/** What takes them to downstream. */
export function consumer() {
  return [
    deliveries(),
    graph({
      title: 'Duration',
      description: 'For how long a delivery keeps a handler, the retries of the policies included.',
      unit: 's',
      queries: {
        p50: quantile(0.5, 'spillway_delivery_duration_seconds', ''),
        p99: quantile(0.99, 'spillway_delivery_duration_seconds', ''),
      },
      width: 8,
    }),
    graph({
      title: 'Handlers',
      description:
        'Deliveries that are worked on, against the most that may be: this bound is what protects downstream.',
      unit: 'short',
      queries: {
        busy: 'sum(spillway_deliveries_in_flight)',
        limit: 'sum(spillway_deliveries_limit)',
      },
      width: 8,
      see: [burst],
    }),
  ];
}

/** Those that were given up. */
export function deadLetters() {
  return [letters(12), givenUp(12)];
}
