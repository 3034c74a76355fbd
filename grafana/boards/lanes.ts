import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { annotation, board, faultMarks } from '#grafana/board.ts';
import { type Colour, figure, graph, type PlacedPanel, states, text } from '#grafana/panels.ts';
import { quantile, rate } from '#grafana/promql.ts';
import { amplificationColours, breakerStates } from './shared.ts';

const tide = parse(readFileSync(new URL('../../experiments/tide.yaml', import.meta.url), 'utf8'));
const phases: string[] = tide.load.map(({ name }: { name: string }) => name);
const special: Record<string, Colour> = { burst: 'red', slow: 'orange', poison: 'purple', ebb: 'blue' };

// Two spaces are a new line in Markdown.
const hints = text(
  `**burst**: 400 requests a second, more than any lane can complete in time. **after**: 80 again: retries keep naive down, guarded has recovered, events are late until their queue is empty.${'  '}
**slow**: each call takes 300 ms longer. **poison**: 12 requests always fail; events keep them as dead letters. **ebb**: so few that naive recovers. Large figures are the highest of the time shown.`,
  2,
);

// States below 100 are the indexes of phases.
const ribbon = states(
  'The phase of the load, and the faults in the dependencies. The tide repeats every two minutes.',
  {
    phase: phases
      .map((phase, index) => `${index} * (max(spillway_load_phase{job="load", phase="${phase}"}) == 1)`)
      .join(' or '),
    'fault {{fault}}': '100 * max by (fault) (spillway_fault_active)',
  },
  {
    height: 2,
    values: { ...phases.map((phase) => [phase, special[phase] ?? 'green'] as const), 100: ['active', 'red'] },
  },
);

/** Returns the attempts in flight at the dependency above which an attempt takes longer than the lane's timeout. */
function tooMany(lane: string): number {
  const { baseLatencyMs, overloadLatencyMs, capacityRps } = tide.downstream.model;
  const { ms } = tide.variants[lane].policies.find(({ timeout }: { timeout?: object }) => timeout).timeout;
  return Math.floor((capacityRps / 10) * (1 + (ms - baseLatencyMs) / overloadLatencyMs));
}

const outcomes: Readonly<Record<string, readonly [selector: string, colour: Colour]>> = {
  'in time': ['outcome="ok"', 'green'],
  late: ['outcome="late"', 'yellow'],
  refused: ['outcome="rejected"', 'blue'],
  'dead-lettered': ['outcome="dead"', 'purple'],
  failed: ['outcome!~"ok|late|rejected|dead"', 'red'],
};

/** Returns the panels of a lane from the top of its column. The label `lane` has the name in lower case. */
function column(name: string, ends: string): [title: string, panel: PlacedPanel][] {
  const lane = name.toLowerCase();
  const own = `lane="${lane}"`;
  const small = { width: 8, height: 3 };
  const ofLoad = `job="load", ${own}`; // the dependency of the events has those of runs
  const requests = (selector: string) => rate('spillway_load_requests_total', '', selector);
  const latency = (q: number) => quantile(q, 'spillway_load_latency_seconds', 'lane', ofLoad);
  const attempts = rate('spillway_attempts_total', '', `${own}, job!~"(.+-)?downstream"`);
  const answers = rate('spillway_requests_total', '', own);
  const events = rate('spillway_deliveries_total', '', `${own}, result=~"ok|dead"`);
  const shares = Object.entries(outcomes).map(([outcome, [which, colour]]) => {
    const share = `(${requests(`${ofLoad}, ${which}`)} or vector(0)) / (${requests(ofLoad)} > 0)`;
    return [outcome, [share, colour] as const];
  });
  return Object.entries({
    [`${name}: ${ends}`]: graph(
      'How the requests of a moment ended, as shares. Green is goodput: completed within the deadline.',
      Object.fromEntries(shares),
      { ...small, unit: 'percentunit', stacked: true, max: 1 },
    ),
    [`${name}: latency p50 (green), p99 (blue), deadline (red)`]: graph(
      'From the scheduled time to the completion. A gap: no request completes.',
      {
        p50: [latency(0.5), 'green'],
        p99: [latency(0.99), 'blue'],
        deadline: ['max(spillway_load_deadline_seconds{job="load"})', 'red'],
      },
      { ...small, unit: 's' },
    ),
    [`${name}: calls in flight (orange: knee, red: too slow)`]: graph(
      "Calls in flight, with the knee above which each makes all slower. Above the red line, one takes longer than the lane's timeout, and is work for no caller.",
      {
        'in flight': [`sum(spillway_work_in_flight{${own}})`, 'blue'],
        knee: [`sum(spillway_work_knee{${own}})`, 'orange'],
      },
      { ...small, thresholds: { [tooMany(lane)]: 'red' } },
    ),
    [`${name}: most attempts per request (1: no retries)`]: figure(
      'Calls of the dependency for each ended request or event.',
      { attempts: `${attempts} / ((${answers} or ${events}) > 0)` },
      { width: 8, height: 2, isHighest: true, decimals: 1, thresholds: amplificationColours },
    ),
  });
}

const columns = [
  column('Naive', 'in time (green), failed (red)'),
  column('Guarded', 'in time (green), refused (blue), failed (red)'),
  column('Events', 'in time (green), late (yellow), dead (purple)'),
] as const;

const effects = (selector: string) => rate('spillway_effects_total', '', `lane="naive"${selector}`);

const highest = { height: 2, isHighest: true };

/** Panels at the bottom, for what only one lane has. */
const bottom = {
  'Naive: most work for callers that have left': figure(
    'Share of the completed work of the dependency whose caller had given up.',
    { wasted: `${effects(', caller="gone"')} / (${effects('')} > 0)` },
    {
      ...{ ...highest, width: 8, unit: 'percentunit', decimals: 0 },
      thresholds: { 0.05: 'orange', 0.2: 'red' },
    },
  ),
  'Guarded: breaker': states(
    'Open: it refuses all calls. Half-open: it tries one.',
    { breaker: 'max(spillway_breaker_state{lane="guarded"})' },
    { height: 2, width: 5, values: breakerStates },
  ),
  'Most refused/s': figure(
    'Calls that a policy refused: breaker, bulkhead, or budget.',
    { refused: rate('spillway_rejections_total', '', 'lane="guarded"') },
    { ...highest, width: 3, decimals: 0, thresholds: { 1: 'blue' } },
  ),
  Waiting: figure(
    'Events in the queue: not lost, but late.',
    { backlog: 'max(spillway_stream_messages{lane="events"})' },
    { ...highest, width: 2, thresholds: { 100: 'orange' } },
  ),
  Oldest: figure(
    'Age of the oldest event in the queue.',
    { oldest: 'max(spillway_stream_oldest_age_seconds{lane="events"})' },
    { ...highest, width: 2, unit: 's', decimals: 1, thresholds: { 2: 'orange' } },
  ),
  Dead: figure(
    'Events that failed every time. They are kept, with their reason, until the end of the tide.',
    { 'dead letters': 'max(spillway_dead_letter_messages{lane="events"})' },
    { ...highest, width: 2, thresholds: { 1: 'purple' } },
  ),
  Lost: figure(
    'Events since the load began that ended neither in time, nor late, nor as dead letters.',
    {
      lost: 'sum(spillway_load_requests_total{job="load", lane="events", outcome!~"ok|late|dead"}) or vector(0)',
    },
    { height: 2, width: 2, thresholds: { 1: 'red' } },
  ),
};

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
    '': { '': hints },
    ' ': { '': ribbon },
    '  ': {
      ...Object.fromEntries(columns[0].flatMap((_, row) => columns.map((panels) => panels[row]!))),
      ...bottom,
    },
  },
});
