import { escapePointer } from '#kit/schema/problems.ts';
import { capacityAt } from '#lab/experiment/limits/ceiling.ts';
import { subjectOf } from '#lab/experiment/limits/subject.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { duration, number, plural } from '#lab/experiment/text/format.ts';

/** Change of a variant that may save it. */
export interface Remedy {
  readonly words: string;
  /** Values by pointer in the experiment's file. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Policies as a file has them, without defaults. */
export type Written = readonly Readonly<Record<string, unknown>>[];

const budget = { kind: 'finagle', ratio: 0.1, minPerSecond: 0 };
const breaker = { window: { kind: 'count', size: 20 }, failureRatio: 0.5, openMs: 1000 };

/** Parts of what the dependency serves at once at its best. At the most, it may already be slow. */
const parts = [1, 0.8, 0.5];
const pairsMax = 40;

/** Returns changes that may save a variant, the smallest first: of one number, then a policy more, then two of them. */
export function remediesFor(experiment: Experiment, name: string, written: Written): Remedy[] {
  const variant = experiment.variants[name]!;
  const { most, waiting } = roomOf(experiment, variant);
  const set = (pointer: string, value: unknown, words: string): Remedy => ({
    words,
    values: new Map([[`/variants/${escapePointer(name)}${pointer}`, value]]),
  });
  const add = (policy: Written[number], words: string) =>
    Object.keys(policy).some((kind) => variant.policies.some((spec) => kind in spec))
      ? []
      : [set('/policies', written.toSpliced(placeIn(variant), 0, policy), words)];
  const single = [
    ...inPolicies(variant, written, { most, waiting }, set),
    ...(variant.path === 'event' ? inConsumer(variant, set) : []),
    ...most.flatMap((concurrency) =>
      add({ bulkhead: { concurrency } }, `a bulkhead of ${number(concurrency)}`),
    ),
    ...most.flatMap((concurrency) =>
      add(
        { bulkhead: { concurrency, queue: waiting } },
        `a bulkhead of ${number(concurrency)} and a queue of ${number(waiting)}`,
      ),
    ),
    ...add({ breaker }, 'a breaker that opens for a second when half of the last 20 calls failed'),
  ];
  return [...single, ...pairsOf(single)];
}

type Set = (pointer: string, value: unknown, words: string) => Remedy;

/** Returns the place inside of all retries, and outside of the timeout of an attempt. */
function placeIn({ policies }: Variant): number {
  const last = policies.findLastIndex((spec) => 'retry' in spec);
  const timeout = policies.findIndex((spec, index) => index > last && 'timeout' in spec);
  return timeout < 0 ? policies.length : timeout;
}

/** Numbers of calls that a caller may make at a time, the highest first, and that may wait for them. */
interface Room {
  readonly most: readonly number[];
  readonly waiting: number;
}

/** Returns the room in which the dependency does much, and calls are in time: by Little's law, rate × time. */
function roomOf(experiment: Experiment, variant: Variant): Room {
  const { downstream, longest } = subjectOf(experiment, variant);
  const withinMs = Math.min(longest.attemptMs, experiment.deadlineMs);
  const { perSecond, inFlight } = capacityAt(experiment, downstream, withinMs);
  const { gateway, consumer } = experiment.replicas;
  const callers = variant.path === 'rpc' ? gateway : consumer;
  if (perSecond === Infinity) return { most: [], waiting: 0 };
  const most = new Set(parts.map((part) => Math.max(1, Math.floor((part * inFlight) / callers))));
  return { most: [...most], waiting: Math.floor((perSecond * experiment.deadlineMs) / 2000 / callers) };
}

const inPolicies = ({ policies }: Variant, written: Written, { most, waiting }: Room, set: Set): Remedy[] =>
  policies.flatMap((spec, index) => {
    const at = `/policies/${index}`;
    if ('retry' in spec) {
      const { budget: own, maxRetries } = spec.retry;
      return [
        ...(own ? [] : [set(`${at}/retry/budget`, budget, 'a retry budget of 10 %')]),
        ...(maxRetries > 1 ? [set(`${at}/retry/maxRetries`, 1, 'one retry')] : []),
        ...(maxRetries > 0 ? [set(`${at}/retry/maxRetries`, 0, 'no retries')] : []),
      ];
    }
    if ('timeout' in spec)
      return [0.5, 0.25, 2, 4]
        .map((factor) => factor * spec.timeout.ms)
        .map((ms) => set(`${at}/timeout/ms`, ms, `a timeout of ${duration(ms)}`));
    if ('breaker' in spec) return [set('/policies', written.toSpliced(index, 1), 'no breaker')];
    if (!('bulkhead' in spec)) return [];
    const { concurrency, queue } = spec.bulkhead;
    return [
      ...(queue > 0 ? [set(`${at}/bulkhead/queue`, 0, 'no queue before the bulkhead')] : []),
      ...(queue !== waiting && most.length > 0
        ? [set(`${at}/bulkhead/queue`, waiting, `a queue of ${number(waiting)} before the bulkhead`)]
        : []),
      ...most
        .filter((count) => count !== concurrency)
        .map((count) => set(`${at}/bulkhead/concurrency`, count, `a bulkhead of ${number(count)}`)),
    ];
  });

function inConsumer({ consumer }: Extract<Variant, { path: 'event' }>, set: Set): Remedy[] {
  const { concurrency, redelivery, ackWaitMs, prefetch = concurrency } = consumer;
  return [
    ...(redelivery.maxRetries > 0 ? [set('/consumer/redelivery/maxRetries', 0, 'no redeliveries')] : []),
    ...(prefetch > 1 ? [set('/consumer/prefetch', 1, 'a prefetch of 1')] : []),
    set('/consumer/ackWaitMs', 4 * ackWaitMs, `an ack wait of ${duration(4 * ackWaitMs)}`),
    ...[0.5, 0.25, 2, 4]
      .map((factor) => Math.floor(factor * concurrency))
      .filter((count) => count >= 1 && count <= 1000)
      .map((count) => set('/consumer/concurrency', count, plural(count, 'handler'))),
  ];
}

/** Returns pairs of changes of different fields. */
function pairsOf(single: readonly Remedy[]): Remedy[] {
  const pointer = ({ values }: Remedy) => [...values.keys()][0]!;
  const isApart = (a: string, b: string) => !`${a}/`.startsWith(`${b}/`) && !`${b}/`.startsWith(`${a}/`);
  const both = single.flatMap((first, index) =>
    single
      .slice(index + 1)
      .filter((second) => isApart(pointer(first), pointer(second)))
      .map((second) => ({
        words: `${first.words} and ${second.words}`,
        values: new Map([...first.values, ...second.values]),
      })),
  );
  return both.slice(0, pairsMax);
}
