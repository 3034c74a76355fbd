import { board, choice } from '#grafana/board.ts';
import { figure, graph, states } from '#grafana/panels.ts';
import { quantiles, rate } from '#grafana/promql.ts';
import { amplificationColours } from './shared.ts';

const chosen = 'job=~"$service"';

export const resilience = board({
  uid: 'spillway-resilience',
  title: 'Resilience',
  description:
    'What the policies around the calls of downstream do: how much work they make, and how much they refuse.',
  variables: [choice('service', 'Service', 'label_values(spillway_breaker_state, job)')],
  rows: {
    'Attempts against requests': {
      'Attempts, and requests': graph(
        'Calls of downstream, against the requests and events that came to an end. Where the lines part, retries make work.',
        {
          'attempts, {{job}}': rate('spillway_attempts_total', 'job', chosen),
          'requests, {{job}}': rate('spillway_requests_total', 'job', chosen),
          'events, {{job}}': rate('spillway_deliveries_total', 'job', `${chosen}, result=~"ok|dead"`),
        },
        { unit: 'ops', width: 12, see: ['amplification', 'metastable'] },
      ),
      Amplification: figure(
        'Attempts for each request or event that came to an end, over 30 s. 1 is no work beyond what was asked for.',
        { '{{job}}': `job:spillway_amplification:ratio_rate30s{${chosen}}` },
        { width: 6, height: 8, thresholds: amplificationColours, see: ['amplification'] },
      ),
      'Wasted work': figure(
        'The share of the effects whose caller had given up, over 30 s: work without a use.',
        { wasted: 'spillway:wasted_effects:ratio_rate30s' },
        {
          unit: 'percentunit',
          width: 6,
          height: 8,
          thresholds: { 0.05: 'orange', 0.2: 'red' },
          see: ['deadlines'],
        },
      ),
      'How attempts end': graph(
        'By result: `abandoned` are those whose timeout ran out or whose caller hung up.',
        { '{{result}}, {{job}}': rate('spillway_attempts_total', 'job, result', chosen) },
        { unit: 'ops', width: 8, stacked: true },
      ),
      'Duration of attempts': graph(
        'How long calls of downstream take for their caller, those included that are cut off: as long is a place of the bulkhead or the consumer occupied.',
        quantiles('spillway_attempt_duration_seconds', 'job', chosen),
        { unit: 's', width: 8 },
      ),
      Refusals: graph(
        'Calls that a policy would not let through, by policy. Cheap for us, and for the caller at least quick.',
        { '{{policy}}, {{job}}': rate('spillway_rejections_total', 'job, policy', chosen) },
        { unit: 'ops', width: 8, stacked: true, see: ['burst'] },
      ),
    },
    Breaker: {
      State: states(
        'Which state each breaker is in, process by process. A service without one is closed all the time.',
        { '{{job}} {{instance}}': `max by (job, instance) (spillway_breaker_state{${chosen}})` },
        {
          unit: 'none',
          values: { 0: ['closed', 'green'], 1: ['half-open', 'yellow'], 2: ['open', 'red'] },
          see: ['burst', 'herd'],
        },
      ),
      'Changes of state': graph(
        'How often breakers change, by the state they go to; also what is too quick to be seen in the states. Often is flapping.',
        { 'to {{state}}, {{job}}': rate('spillway_breaker_transitions_total', 'job, state', chosen) },
        { unit: 'ops', see: ['burst', 'herd'] },
      ),
    },
    Bulkhead: {
      Occupancy: graph(
        'The share of the slots that are taken. At 100 % calls wait, and beyond the queue they are refused.',
        {
          '{{job}}': `sum by (job) (spillway_bulkhead_in_flight{${chosen}}) / (sum by (job) (spillway_bulkhead_limit{${chosen}}) > 0)`,
        },
        { unit: 'percentunit', max: 1, thresholds: { 0.9: 'orange' }, see: ['burst', 'starvation'] },
      ),
      'In flight, and the limit': graph(
        'Calls inside the bulkheads of all processes, against the most that they let through at once.',
        {
          'in flight, {{job}}': `sum by (job) (spillway_bulkhead_in_flight{${chosen}})`,
          'limit, {{job}}': `sum by (job) (spillway_bulkhead_limit{${chosen}})`,
        },
      ),
      Queued: graph(
        'Calls that wait for a slot. What waits longer than its caller is worth nothing any more.',
        { '{{job}}': `sum by (job) (spillway_bulkhead_queued{${chosen}})` },
        { see: ['burst'] },
      ),
    },
    'Retries and backoff': {
      Retries: graph(
        'Retries by the policy, and redeliveries that the consumer asks for: both are work for downstream. Beside them the retries that a policy refused.',
        {
          '{{job}}': rate('spillway_retries_total', 'job', chosen),
          'refused by {{policy}}, {{job}}': rate('spillway_refused_retries_total', 'job, policy', chosen),
        },
        { unit: 'ops', see: ['amplification'] },
      ),
      Backoff: graph(
        'How long is waited before a retry or a redelivery. All at once is the next burst; jitter spreads it.',
        quantiles('spillway_backoff_seconds', 'job', chosen),
        { unit: 's', see: ['amplification'] },
      ),
      'Retry budget': graph(
        'What is left of the budget for retries, in its own unit: tokens, retries or costs. Where it is spent, failures stay failures, and downstream gets no extra work. 0 all along means that there is no budget.',
        { '{{job}} {{instance}}': `spillway_retry_budget{${chosen}}` },
        { see: ['amplification', 'metastable'] },
      ),
      'Timeouts of attempts': graph(
        'Calls cut off by the timeout or the deadline policy. Downstream mostly goes on with them, and the retry comes on top.',
        { '{{job}}': rate('spillway_attempt_timeouts_total', 'job', chosen) },
        { unit: 'ops' },
      ),
    },
  },
});
