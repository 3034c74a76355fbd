import { burst } from '#grafana/links.ts';
import { graph } from '#grafana/panels.ts';
import { durations, rate } from '#grafana/promql.ts';

/** What answers callers at once. */
export function gateway() {
  return [
    graph({
      title: 'Requests',
      description: 'What the gateway answered, by outcome; `gone` are callers who hung up first.',
      unit: 'reqps',
      queries: { '{{outcome}}': rate('spillway_requests_total', 'outcome', 'job="gateway"') },
      width: 8,
      stacked: true,
    }),
    graph({
      title: 'Duration',
      description: 'From receiving a request to answering it, retries and waiting included.',
      unit: 's',
      queries: durations('gateway'),
      width: 8,
    }),
    graph({
      title: 'In flight',
      description: 'Requests received and not yet answered. It grows without bound where nothing bounds it.',
      unit: 'short',
      queries: { 'in flight': 'sum(spillway_requests_in_flight{job="gateway"})' },
      width: 8,
      see: [burst],
    }),
  ];
}

/** What both paths depend on. */
export function downstream() {
  return [
    graph({
      title: 'Attempts',
      description:
        'What downstream came to an end with. Attempts, not requests: retries arrive here as well.',
      unit: 'ops',
      queries: { '{{result}}': rate('spillway_attempts_total', 'result', 'job="downstream"') },
      width: 6,
      stacked: true,
    }),
    graph({
      title: 'Work in flight',
      description:
        'What downstream works on at once. Beyond its knee everything takes longer, for everybody.',
      unit: 'short',
      queries: { '{{instance}}': 'spillway_work_in_flight' },
      width: 6,
      see: [burst],
    }),
    graph({
      title: 'Duration',
      description: 'From receiving an attempt to answering it.',
      unit: 's',
      queries: durations('downstream'),
      width: 6,
    }),
    graph({
      title: 'Effects',
      description:
        'Work that was done, by whether its caller still waited; what is done for those who have gone is wasted.',
      unit: 'ops',
      queries: { 'caller {{caller}}': rate('spillway_effects_total', 'caller') },
      width: 6,
      stacked: true,
      see: [burst],
    }),
  ];
}
