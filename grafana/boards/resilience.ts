import { board, choice } from '#grafana/board.ts';
import { figure, graph, states } from '#grafana/panels.ts';
import { quantiles, rate } from '#grafana/promql.ts';
import { amplificationColours, breakerStates, wasteColours } from './shared.ts';

const chosen = 'job=~"$service"';

export const resilience = board({
  uid: 'spillway-resilience',
  title: 'Resilience',
  description: 'What the policies do: how much work they add, and how much they refuse.',
  variables: [choice('service', 'Service', 'label_values(spillway_breaker_state, job)')],
  rows: {
    'Attempts against requests': {
      'Attempts and requests': graph(
        'Calls of downstream, and ended requests and events. The gap between the lines is retries.',
        {
          'attempts, {{job}}': rate('spillway_attempts_total', 'job', chosen),
          'requests, {{job}}': rate('spillway_requests_total', 'job', chosen),
          'events, {{job}}': rate('spillway_deliveries_total', 'job', `${chosen}, result=~"ok|dead"`),
        },
        { unit: 'ops', width: 12 },
      ),
      Amplification: figure(
        'Attempts per ended request or event, over 30 s. 1: no retries.',
        { '{{job}}': `job:spillway_amplification:ratio_rate30s{${chosen}}` },
        { width: 6, height: 8, thresholds: amplificationColours },
      ),
      'Wasted work': figure(
        'Share of the effects whose caller had given up, over 30 s.',
        { wasted: 'spillway:wasted_effects:ratio_rate30s' },
        { unit: 'percentunit', width: 6, height: 8, thresholds: wasteColours },
      ),
      'Attempts by result': graph(
        'Ended attempts. `abandoned`: the timeout ended, or the caller disconnected.',
        { '{{result}}, {{job}}': rate('spillway_attempts_total', 'job, result', chosen) },
        { unit: 'ops', width: 8, stacked: true },
      ),
      'Duration of attempts': graph(
        'How long calls of downstream take, with those that are cut off. They occupy a slot of the bulkhead or consumer that long.',
        quantiles('spillway_attempt_duration_seconds', 'job', chosen),
        { unit: 's', width: 8 },
      ),
      'Refusals by policy': graph(
        'Calls that a policy refused.',
        { '{{policy}}, {{job}}': rate('spillway_rejections_total', 'job, policy', chosen) },
        { unit: 'ops', width: 8, stacked: true },
      ),
    },
    Breaker: {
      'Breaker state': states(
        'State of each breaker, by process. A service without one is always closed.',
        { '{{job}} {{instance}}': `max by (job, instance) (spillway_breaker_state{${chosen}})` },
        { values: breakerStates },
      ),
      'Breaker transitions': graph(
        'Transitions of breakers by their new state, also short ones. Many of them are flapping.',
        { 'to {{state}}, {{job}}': rate('spillway_breaker_transitions_total', 'job, state', chosen) },
        { unit: 'ops' },
      ),
    },
    Bulkhead: {
      'Bulkhead occupancy': graph(
        'Share of the slots in use. At 100 % calls wait. If the queue is full they are refused.',
        {
          '{{job}}': `sum by (job) (spillway_bulkhead_in_flight{${chosen}}) / (sum by (job) (spillway_bulkhead_limit{${chosen}}) > 0)`,
        },
        { unit: 'percentunit', max: 1, thresholds: { 0.9: 'orange' } },
      ),
      'Calls in flight and limit': graph('Calls in the bulkheads of all processes, and their limit.', {
        'in flight, {{job}}': `sum by (job) (spillway_bulkhead_in_flight{${chosen}})`,
        'limit, {{job}}': `sum by (job) (spillway_bulkhead_limit{${chosen}})`,
      }),
      'Queued calls': graph('Calls that wait for a slot.', {
        '{{job}}': `sum by (job) (spillway_bulkhead_queued{${chosen}})`,
      }),
    },
    'Retries and backoff': {
      Retries: graph(
        'Retries and redeliveries, and retries that a policy refused.',
        {
          '{{job}}': rate('spillway_retries_total', 'job', chosen),
          'refused by {{policy}}, {{job}}': rate('spillway_refused_retries_total', 'job, policy', chosen),
        },
        { unit: 'ops' },
      ),
      Backoff: graph(
        'Wait before a retry or a redelivery. Equal waits make a burst; jitter spreads them.',
        quantiles('spillway_backoff_seconds', 'job', chosen),
        { unit: 's' },
      ),
      'Retry budget left': graph(
        'Rest of the retry budget in its own unit: tokens, retries or costs. At 0 all the time there is no budget.',
        { '{{job}} {{instance}}': `spillway_retry_budget{${chosen}}` },
      ),
      'Attempt timeouts': graph(
        'Calls cut off by the timeout or deadline policy. Downstream may go on with them.',
        { '{{job}}': rate('spillway_attempt_timeouts_total', 'job', chosen) },
        { unit: 'ops' },
      ),
    },
  },
});
