import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { annotation, board, faultMarks } from '#grafana/board.ts';
import { type Colour, figure, graph, type PlacedPanel, states, text } from '#grafana/panels.ts';
import { quantile } from '#grafana/promql.ts';
import type { MetricName } from '#kit/metrics.ts';
import { amplificationColours } from './shared.ts';

const tide = parse(readFileSync(new URL('../../experiments/tide.yaml', import.meta.url), 'utf8'));
const phases: string[] = tide.load.map(({ name }: { name: string }) => name);
const special: Readonly<Record<string, Colour>> = {
  burst: 'red',
  slow: 'orange',
  poison: 'purple',
  ebb: 'blue',
};

/** State of the ribbon's faults. Lower ones are the indexes of phases. */
const isActive = 100;

const ribbon = states(
  'The phase of the load, and the faults in the dependencies. The tide repeats every two minutes.',
  {
    phase: phases
      .map((phase, index) => `${index} * (max(spillway_load_phase{job="load", phase="${phase}"}) == 1)`)
      .join(' or '),
    'fault {{fault}}': `${isActive} * max by (fault) (spillway_fault_active)`,
  },
  {
    ...{ unit: 'none', width: 24, height: 2, isNamed: true },
    values: {
      ...phases.map((phase): [string, Colour] => [phase, special[phase] ?? 'green']),
      [isActive]: ['active', 'red'],
    },
  },
);

/** Returns the attempts in flight at the dependency above which an attempt takes longer than the lane's timeout. */
function tooMany(lane: string): number {
  const { baseLatencyMs, overloadLatencyMs, capacityRps } = tide.downstream.model;
  const { ms } = tide.variants[lane].policies.find(({ timeout }: { timeout?: object }) => timeout).timeout;
  return Math.floor((capacityRps / 10) * (1 + (ms - baseLatencyMs) / overloadLatencyMs));
}

/** Selector and colour of the outcomes. */
const outcomes: Readonly<Record<string, readonly [selector: string, colour: Colour]>> = {
  'in time': ['outcome="ok"', 'green'],
  late: ['outcome="late"', 'yellow'],
  refused: ['outcome="rejected"', 'blue'],
  'dead-lettered': ['outcome="dead"', 'purple'],
  failed: ['outcome!~"ok|late|rejected|dead"', 'red'],
};
const ofOutcomes = <T>(make: (selector: string, colour: Colour) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(outcomes).map(([legend, outcome]) => [legend, make(...outcome)]));

const sum = (metric: MetricName, selector: string) => `sum(rate(${metric}{${selector}}[$__rate_interval]))`;

/** Returns the panels of a lane from the top of its column. The label `lane` has the name in lower case. */
function column(name: string, ends: string): Readonly<Record<string, PlacedPanel>>[] {
  const lane = name.toLowerCase();
  const own = `lane="${lane}"`;
  const small = { width: 8, height: 3, hasLegend: false } as const;
  const requests = 'spillway_load_requests_total';
  const latency = (q: number) => quantile(q, 'spillway_load_latency_seconds', 'lane', own);
  const attempts = sum('spillway_attempts_total', `${own}, job!~"(.+-)?downstream"`);
  const answers = sum('spillway_requests_total', own);
  const events = sum('spillway_deliveries_total', `${own}, result=~"ok|dead"`);
  const shares = ofOutcomes(
    (which) => `(${sum(requests, `${own}, ${which}`)} or vector(0)) / (${sum(requests, own)} > 0)`,
  );
  const colours = ofOutcomes((_selector, colour) => colour);
  return [
    {
      [`${name}: ${ends}`]: graph(
        'How the requests of a moment ended, as shares. Green is goodput: completed within the deadline.',
        shares,
        { ...small, unit: 'percentunit', stacked: true, max: 1, colours },
      ),
    },
    {
      [`${name}: latency p50, p99 (blue), deadline (red)`]: graph(
        'From the scheduled time to the completion. A gap: no request completes.',
        { p50: latency(0.5), p99: latency(0.99), deadline: 'max(spillway_load_deadline_seconds)' },
        { ...small, unit: 's', colours: { p50: 'green', p99: 'blue', deadline: 'red' } },
      ),
    },
    {
      [`${name}: calls at the dependency (red: too slow)`]: graph(
        "Calls in flight, with the knee above which each makes all slower. Above the red line, one takes longer than the lane's timeout, and is work for no caller.",
        { 'in flight': `sum(spillway_work_in_flight{${own}})`, knee: `sum(spillway_work_knee{${own}})` },
        {
          ...small,
          thresholds: { [tooMany(lane)]: 'red' },
          softMax: 1.2 * tooMany(lane),
          colours: { 'in flight': 'blue', knee: 'orange' },
        },
      ),
    },
    {
      [`${name}: attempts per request (1: no retries)`]: figure(
        'Calls of the dependency for each ended request or event.',
        { attempts: `${attempts} / ((${answers} or ${events}) > 0)` },
        { width: 8, height: 2, decimals: 1, thresholds: amplificationColours },
      ),
    },
  ];
}

const columns = [
  column('Naive', 'in time (green), failed (red)'),
  column('Guarded', 'in time (green), refused (blue), failed (red)'),
  column('Events', 'in time (green), late (yellow), dead (purple)'),
] as const;

/** Panels at the bottom, for what only one lane has. */
const bottom = {
  'Naive: work for callers that have left': figure(
    'Share of the completed work of the dependency whose caller had given up.',
    {
      wasted: `${sum('spillway_effects_total', 'lane="naive", caller="gone"')} / (${sum('spillway_effects_total', 'lane="naive"')} > 0)`,
    },
    { height: 2, width: 8, unit: 'percentunit', decimals: 0, thresholds: { 0.05: 'orange', 0.2: 'red' } },
  ),
  'Guarded: breaker': states(
    'Open: it refuses all calls. Half-open: it tries one.',
    { breaker: 'max(spillway_breaker_state{lane="guarded"})' },
    {
      ...{ height: 2, width: 5, unit: 'none', isNamed: true },
      values: { 0: ['closed', 'green'], 1: ['half-open', 'yellow'], 2: ['open', 'red'] },
    },
  ),
  'Refused a second': figure(
    'Calls that a policy refused: breaker, bulkhead, or budget.',
    { refused: sum('spillway_rejections_total', 'lane="guarded"') },
    { height: 2, width: 3, thresholds: { 1: 'blue' } },
  ),
  'Events waiting': figure(
    'Events in the queue: not lost, but late.',
    { backlog: 'max(spillway_stream_messages{lane="events"})' },
    { height: 2, width: 3, thresholds: { 100: 'orange' } },
  ),
  Oldest: figure(
    'Age of the oldest event in the queue.',
    { oldest: 'max(spillway_stream_oldest_age_seconds{lane="events"})' },
    { height: 2, width: 2, unit: 's', decimals: 1, thresholds: { 2: 'orange' } },
  ),
  'Dead letters': figure(
    'Events that failed every time. They are kept, with their reason, until the end of the tide.',
    { letters: 'max(spillway_dead_letter_messages{lane="events"})' },
    { height: 2, width: 3, thresholds: { 1: 'purple' } },
  ),
};

// Two spaces are a new line in Markdown.
const hints = text(
  `The same requests go three ways. **burst**: 400 a second, too much for all. **after**: 80 again, but naive stays down; guarded has recovered; events are late until their queue is empty.${'  '}
**slow**: each call takes 300 ms longer. **poison**: 12 requests always fail; events keep them as dead letters. **ebb**: so few requests that naive recovers. Then it begins again.`,
  2,
);

/** Leaves out the title, and so its line. */
const untitled =
  (panel: PlacedPanel): PlacedPanel =>
  (_title, width) =>
    panel('', width);

export const lanes = board({
  uid: 'spillway-lanes',
  title: 'RPC against events',
  description: 'Three lanes under one tide: plain retries, guarded retries, and a queue.',
  lasts: '150s',
  // Poison affects only its own requests.
  marks: [
    annotation('Burst', 'red', 'spillway_load_phase{phase="burst"} == 1').titleFormat('Burst'),
    faultMarks('orange', '{fault!="poison"}'),
  ],
  rows: {
    '': Object.assign(
      { Hints: untitled(hints), Ribbon: untitled(ribbon) },
      ...columns[0].flatMap((_, row) => columns.map((panels) => panels[row])),
      bottom,
    ),
  },
});
