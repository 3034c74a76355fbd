import { deadLetterHeaders } from '#kit/broker/dead-letter.ts';
import { names } from '#kit/broker/names.ts';
import type { Clock } from '#kit/clock.ts';
import type { NameOf } from '#kit/metrics.ts';
import { variantAt } from '#lab/experiment/changes.ts';
import type { Variant } from '#lab/experiment/schema.ts';
import type { Inside } from '#lab/world/simulated/simulated.ts';
import type { Breakers, Ends, Frame } from './frame.ts';

export type Sample = Omit<Frame, keyof Ends | 'atMs' | 'offered' | 'offeredPerSecond' | 'faults'>;

/**
 * Returns a function that reads the state of a simulated testbed at a time of the load. It only reads, so the evidence and
 * the draws stay the same. Call it at ascending times.
 */
export function samplerOf(inside: Inside, clock: Clock, variant: Variant, deadlineMs: number) {
  const { downstream } = inside;
  const caller = variant.path === 'rpc' ? inside.gateway : inside.consumer;
  const gauge = (name: NameOf<'gauge'>) => totalOf(caller, (metrics) => metrics.gauge(name));
  const attempts = ascending(
    () => atWorkIn(downstream) + totalOf(downstream, (metrics) => metrics.counter('spillway_attempts_total')),
  );
  const breakers = breakersOf(inside, clock);
  return (atMs: number): Sample => {
    const now = variantAt(variant, atMs);
    const hasBudget = now.policies.some((each) => 'retry' in each && each.retry.budget !== undefined);
    const isRpc = variant.path === 'rpc';
    const slots = {
      used: gauge(isRpc ? 'spillway_bulkhead_in_flight' : 'spillway_deliveries_in_flight'),
      of: gauge(isRpc ? 'spillway_bulkhead_limit' : 'spillway_deliveries_limit'),
    };
    const state = breakers(now);
    return {
      attempts: attempts(),
      inFlight: inFlightAt(downstream),
      waiting: gauge('spillway_bulkhead_queued'),
      ...(state && { breakers: state }),
      ...(hasBudget && { budget: gauge('spillway_retry_budget') }),
      ...(slots.of > 0 && { slots }),
      ...(!isRpc && eventsIn(inside, clock, deadlineMs, slots.used)),
    };
  };
}

/** Handlers work on the oldest events, more or less. The others wait. */
function eventsIn({ streams }: Inside, clock: Clock, deadlineMs: number, handled: number) {
  const stream = streams.stream(names.stream);
  const waiting = Math.max(0, stream.size - handled);
  const old = stream.countBefore(clock.now() - deadlineMs);
  const deadReasons: Record<string, number> = {};
  const letters = streams.stream(names.deadLetters);
  for (let letter = letters.first; letter; letter = letters.from(letter.seq + 1)) {
    const [reason = ''] = letter.headers.get(deadLetterHeaders.reason) ?? [];
    deadReasons[reason] = (deadReasons[reason] ?? 0) + 1;
  }
  const queue = {
    waiting,
    pastDeadline: Math.min(waiting, Math.max(0, old - handled)),
    oldestMs: stream.first ? clock.now() - stream.first.time.getTime() : 0,
  };
  return { queue, deadReasons };
}

type Processes = Inside['gateway'] | Inside['consumer'] | Inside['downstream'];
type Metrics = Processes[number]['service']['control']['metrics'];

/** Returns the sum of a metric, which needs no answer of another process, over its series and processes. */
function totalOf(
  processes: Processes,
  metricIn: (metrics: Metrics) => { read(): unknown },
  series = '',
): number {
  let total = 0;
  for (const { service } of processes)
    for (const [name, value] of metricIn(service.control.metrics).read() as [string, number][])
      if (name.includes(series)) total += value;
  return total;
}

const atWorkIn = (downstream: Inside['downstream']): number =>
  totalOf(downstream, (metrics) => metrics.gauge('spillway_work_in_flight'));

/** Attempts in progress without a client that waits are those whose caller has left. */
function inFlightAt(downstream: Inside['downstream']): Frame['inFlight'] {
  const counts = { first: 0, retry: 0 };
  for (const { serving } of downstream)
    for (const { attempt = 1 } of serving) counts[attempt > 1 ? 'retry' : 'first'] += 1;
  return { ...counts, abandoned: Math.max(0, atWorkIn(downstream) - counts.first - counts.retry) };
}

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

/** Returns a function that counts the breakers by state; undefined without a breaker. */
function breakersOf({ gateway, consumer }: Inside, clock: Clock) {
  let [opened, refusesUntilMs] = [0, 0];
  return (variant: Variant): Breakers | undefined => {
    const [first, ...others] = variant.policies.flatMap((each) => ('breaker' in each ? [each.breaker] : []));
    if (!first) return undefined;
    const { clients = 1 } = variant.path === 'rpc' ? variant : {};
    const caller = variant.path === 'rpc' ? gateway : consumer;
    const all = (1 + others.length) * clients * caller.length;
    const states =
      variant.path === 'rpc'
        ? gateway.flatMap(({ service }) => service.breakers())
        : consumer.map((each) => totalOf([each], (metrics) => metrics.gauge('spillway_breaker_state')));
    const inState = (state: number) => states.filter((each) => each === state).length;
    const [halfOpen, open] = [inState(1), inState(2)];
    const counts = { closed: all - halfOpen - open, halfOpen, open };
    if (all > 1 || first.openJitter > 0) return counts;
    const transitions = 'spillway_breaker_transitions_total';
    const openings = totalOf(caller, (metrics) => metrics.counter(transitions), '"open"');
    if (openings !== opened) refusesUntilMs = clock.now() + first.openMs;
    opened = openings;
    return { ...counts, ...(open > 0 && { refusingForMs: Math.max(0, refusesUntilMs - clock.now()) }) };
  };
}
