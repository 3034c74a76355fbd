import { board } from '#grafana/board.ts';
import { burst, course } from '#grafana/links.ts';
import { figure, graph } from '#grafana/panels.ts';
import { rate } from '#grafana/promql.ts';
import { deliveries, givenUp, letters, oldest } from './shared.ts';

export const events = board({
  uid: 'spillway-events',
  title: 'Events',
  description:
    'The path through the broker: what waits, for how long, what comes again, and what is given up.',
  rows: {
    'Work stream': [
      graph({
        title: 'In, and out',
        description:
          'Events that the stream took, against those that came to an end. The backlog is what lies between.',
        unit: 'eps',
        queries: {
          in: rate('spillway_published_total', '', 'result="accepted"'),
          out: rate('spillway_deliveries_total', '', 'result=~"ok|dead"'),
        },
        width: 8,
        see: [burst, course.backlog],
      }),
      graph({
        title: 'Where they are',
        description:
          'Pending: not delivered yet. Ack pending: delivered, and worked on or waiting for their redelivery.',
        queries: {
          pending: 'max(spillway_stream_pending)',
          'ack pending': 'max(spillway_stream_ack_pending)',
        },
        width: 8,
        stacked: true,
      }),
      graph({
        title: 'Redelivered',
        description: "Events in the consumer's hands for the second time or more.",
        queries: { redelivered: 'max(spillway_stream_redelivered)' },
        width: 4,
        see: [course.storm],
      }),
      figure({
        title: 'Stuck',
        description:
          "Events in the stream that are neither pending nor in anybody's hands: nobody will ever get them. Must be 0.",
        unit: 'none',
        queries: { stuck: 'spillway:stream_stuck_messages:min' },
        width: 4,
        height: 8,
        thresholds: { 1: 'red' },
      }),
    ],
    'Ages and forecast': [
      oldest,
      graph({
        title: 'Drain forecast',
        description:
          'How long until the stream is empty, if it goes on as it does now; nothing while it does not shrink.',
        unit: 's',
        queries: {
          'empty in':
            'max(spillway_stream_messages) / (max(-deriv(spillway_stream_messages[$__rate_interval])) > 0)',
        },
      }),
    ],
    Consumer: [
      deliveries,
      graph({
        title: 'Handlers',
        description:
          'Deliveries that are worked on, against the most that may be: more protects downstream less.',
        queries: {
          'busy, {{instance}}': 'spillway_deliveries_in_flight',
          'limit, {{instance}}': 'spillway_deliveries_limit',
        },
        width: 8,
        see: [burst],
      }),
      graph({
        title: 'Waiting for their redelivery',
        description:
          'Deliveries that failed and wait out their backoff in the consumer, where they keep no handler.',
        queries: { '{{instance}}': 'spillway_deliveries_held - spillway_deliveries_in_flight' },
        width: 4,
      }),
      figure({
        title: 'In vain',
        description: 'The share of the deliveries that ended with another one to come, over 30 s.',
        unit: 'percentunit',
        queries: { '{{job}}': 'job:spillway_redeliveries:ratio_rate30s' },
        width: 4,
        height: 8,
        thresholds: { 0.2: 'orange', 0.5: 'red' },
      }),
    ],
    'Dead letters': [
      letters,
      givenUp,
      graph({
        title: 'Age of the oldest letter',
        description: 'For how long nobody has looked at the oldest dead letter.',
        unit: 's',
        queries: { oldest: 'max(spillway_dead_letter_oldest_age_seconds)' },
        see: [course.poison],
      }),
    ],
  },
});
