import { board } from '#grafana/board.ts';
import { figure, graph } from '#grafana/panels.ts';
import { rate } from '#grafana/promql.ts';
import { deadLetters, deliveries, givenUp, oldest } from './shared.ts';

export const events = board({
  uid: 'spillway-events',
  title: 'Events',
  description:
    'The path through the broker: what waits, for how long, what comes again, and what is given up.',
  rows: {
    'Work stream': {
      'In, and out': graph(
        'Events that the stream took, against those that came to an end. The backlog is what lies between.',
        {
          in: rate('spillway_published_total', '', 'result="accepted"'),
          out: rate('spillway_deliveries_total', '', 'result=~"ok|dead"'),
        },
        { unit: 'eps', width: 8, see: ['burst', 'backlog'] },
      ),
      'Where they are': graph(
        'Pending: not delivered yet. Ack pending: delivered, and worked on or waiting for their redelivery.',
        { pending: 'max(spillway_stream_pending)', 'ack pending': 'max(spillway_stream_ack_pending)' },
        { width: 8, stacked: true },
      ),
      Redelivered: graph(
        "Events in the consumer's hands for the second time or more.",
        { redelivered: 'max(spillway_stream_redelivered)' },
        { width: 4, see: ['storm'] },
      ),
      Stuck: figure(
        'Events in the stream that are neither pending nor delivered: no consumer will receive them. Must be 0.',
        { stuck: 'spillway:stream_stuck_messages:min' },
        { unit: 'none', width: 4, height: 8, thresholds: { 1: 'red' } },
      ),
    },
    'Ages and forecast': {
      ...oldest,
      'Drain forecast': graph(
        'How long until the stream is empty, if it goes on as it does now; nothing while it does not shrink.',
        {
          'empty in':
            'max(spillway_stream_messages) / (max(-deriv(spillway_stream_messages[$__rate_interval])) > 0)',
        },
        { unit: 's' },
      ),
    },
    Consumer: {
      ...deliveries,
      Handlers: graph(
        'Deliveries that are worked on, against the most that may be: more protects downstream less.',
        {
          'busy, {{instance}}': 'spillway_deliveries_in_flight',
          'limit, {{instance}}': 'spillway_deliveries_limit',
        },
        { width: 8, see: ['burst'] },
      ),
      'Waiting for their redelivery': graph(
        'Deliveries that failed and wait out their backoff in the consumer, where they keep no handler.',
        { '{{instance}}': 'spillway_deliveries_held - spillway_deliveries_in_flight' },
        { width: 4 },
      ),
      'Redelivery ratio': figure(
        'The share of the deliveries that ended with another one to come, over 30 s.',
        { '{{job}}': 'job:spillway_redeliveries:ratio_rate30s' },
        { unit: 'percentunit', width: 4, height: 8, thresholds: { 0.2: 'orange', 0.5: 'red' } },
      ),
    },
    'Dead letters': {
      ...deadLetters,
      ...givenUp,
      'Age of the oldest letter': graph(
        'Time since the oldest dead letter was stored.',
        { oldest: 'max(spillway_dead_letter_oldest_age_seconds)' },
        { unit: 's', see: ['poison'] },
      ),
    },
  },
});
