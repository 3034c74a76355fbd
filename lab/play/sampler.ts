import { names } from '#kit/broker/names.ts';
import type { Metrics, NameOf } from '#kit/metrics.ts';
import type { Path } from '#kit/wire.ts';
import type { Inside } from '#lab/world/simulated/simulated.ts';
import type { PolicySpec } from '#policies/pipeline.ts';
import type { Breakers, Frame, InFlight, Queue } from './frame.ts';

/** Part of a frame that the services and the broker show. */
export type Sample = Pick<
  Frame,
  | 'attempts'
  | 'inFlight'
  | 'waiting'
  | 'backingOff'
  | 'queue'
  | 'slots'
  | 'breakers'
  | 'budget'
  | 'deadLetters'
>;

interface SamplerParts {
  readonly inside: Inside;
  readonly nowMs: () => number;
  readonly path: Path;
  readonly policies: readonly PolicySpec[];
  /** Number of clients, each with its own policies. */
  readonly clients: number;
  readonly deadlineMs: number;
}

/**
 * Returns a function that reads the state of a simulated testbed. It only reads, so the evidence and the draws stay the
 * same. Call it at ascending times.
 */
export function samplerOf({
  inside,
  nowMs,
  path,
  policies,
  clients,
  deadlineMs,
}: SamplerParts): () => Sample {
  const { downstream } = inside;
  const caller = path === 'rpc' ? inside.gateway : inside.consumer;
  const gauge = (name: NameOf<'gauge'>) =>
    sum(caller.map(({ service }) => gaugeOf(service.control.metrics, name)));
  const attempts = ascending(() => sum(downstream.map(({ service }) => received(service))));
  const breakers = breakersOf({ inside, nowMs, path, policies, clients });
  const hasBudget = policies.some((each) => 'retry' in each && each.retry.budget !== undefined);
  let most = 0;
  const budget = () => {
    const left = Math.min(
      ...caller.map(({ service }) => gaugeOf(service.control.metrics, 'spillway_retry_budget')),
    );
    most = Math.max(most, left);
    return { left, of: most };
  };
  const bulkhead = () => {
    const of = gauge('spillway_bulkhead_limit');
    return of === 0 ? undefined : { used: gauge('spillway_bulkhead_in_flight'), of };
  };
  return () => {
    const inFlight = inFlightAt(downstream);
    const waiting = gauge('spillway_bulkhead_queued');
    const held = gauge(path === 'rpc' ? 'spillway_requests_in_flight' : 'spillway_deliveries_held');
    const backingOff = Math.max(0, held - inFlight.first - inFlight.retry - waiting);
    const common = {
      attempts: attempts(),
      ...{ inFlight, waiting, backingOff },
      ...(breakers && { breakers: breakers() }),
      ...(hasBudget && { budget: budget() }),
    };
    if (path === 'rpc') {
      const slots = bulkhead();
      return { ...common, ...(slots && { slots }) };
    }
    const used = gauge('spillway_deliveries_in_flight');
    return {
      ...common,
      slots: { used, of: gauge('spillway_deliveries_limit') },
      queue: queueAt(inside, { used, nowMs: nowMs(), deadlineMs }),
      deadLetters: inside.streams.stream(names.deadLetters).size,
    };
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const gaugeOf = (metrics: Metrics, name: NameOf<'gauge'>): number => sum(valuesOf(metrics.gauge(name)));

/** Returns the values of a metric that needs no answer of another process. */
const valuesOf = (metric: { read(): unknown }): number[] =>
  (metric.read() as readonly (readonly [string, number])[]).map(([, value]) => value);

type Downstream = Inside['downstream'][number]['service'];

const received = ({ control: { metrics } }: Downstream): number =>
  gaugeOf(metrics, 'spillway_work_in_flight') + sum(valuesOf(metrics.counter('spillway_attempts_total')));

/** Returns a count that goes on where a killed process has left it. */
function ascending(read: () => number): () => number {
  let [before, last] = [0, 0];
  return () => {
    const now = read();
    if (now < last) before += last;
    last = now;
    return before + now;
  };
}

/** Attempts in progress without a client that waits are those whose caller has left. */
function inFlightAt(downstream: Inside['downstream']): InFlight {
  const counts = { first: 0, retry: 0 };
  for (const { serving } of downstream)
    for (const { attempt = 1 } of serving) counts[attempt > 1 ? 'retry' : 'first'] += 1;
  const atWork = sum(
    downstream.map(({ service }) => gaugeOf(service.control.metrics, 'spillway_work_in_flight')),
  );
  return { ...counts, abandoned: Math.max(0, atWork - counts.first - counts.retry) };
}

/** Handlers work on the oldest events, more or less. The others wait. */
function queueAt(
  { streams }: Inside,
  { used, nowMs, deadlineMs }: { used: number; nowMs: number; deadlineMs: number },
): Queue {
  const stream = streams.stream(names.stream);
  const waiting = Math.max(0, stream.size - used);
  const old = stream.countBefore(new Date(nowMs - deadlineMs));
  return {
    waiting,
    pastDeadline: Math.min(waiting, Math.max(0, old - used)),
    oldestMs: stream.first ? nowMs - stream.first.time.getTime() : 0,
  };
}

/** Returns a function that counts the breakers by state. Undefined without a breaker. */
function breakersOf({
  inside,
  nowMs,
  path,
  policies,
  clients,
}: Omit<SamplerParts, 'deadlineMs'>): (() => Breakers) | undefined {
  const specs = policies.flatMap((each) => ('breaker' in each ? [each.breaker] : []));
  const caller = path === 'rpc' ? inside.gateway : inside.consumer;
  const all = specs.length * clients * caller.length;
  if (all === 0) return undefined;
  const { openMs, openJitter } = specs[0]!;
  let [opened, refusesUntilMs] = [0, 0];
  return () => {
    const states =
      path === 'rpc'
        ? inside.gateway.flatMap(({ service }) => service.breakers())
        : inside.consumer.map(({ service }) => gaugeOf(service.control.metrics, 'spillway_breaker_state'));
    const [halfOpen, open] = [1, 2].map((state) => states.filter((each) => each === state).length) as [
      number,
      number,
    ];
    const counts = { closed: all - halfOpen - open, halfOpen, open };
    if (all > 1 || openJitter > 0) return counts;
    const openings = sum(caller.map(({ service }) => openingsOf(service.control.metrics)));
    if (openings !== opened) refusesUntilMs = nowMs() + openMs;
    opened = openings;
    return { ...counts, ...(open > 0 && { refusingForMs: Math.max(0, refusesUntilMs - nowMs()) }) };
  };
}

/** Returns how often the breakers of a process have opened. */
const openingsOf = (metrics: Metrics): number =>
  sum(
    metrics
      .counter('spillway_breaker_transitions_total')
      .read()
      .flatMap(([series, value]) => (series.includes('"open"') ? value : [])),
  );
