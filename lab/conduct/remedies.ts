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
  /** Relative change of a number, up to 1; 2 for an option or a policy more or less. */
  readonly size: number;
}

/** Policies as a file has them, without defaults. */
export type Written = readonly Readonly<Record<string, unknown>>[];

const budget = { kind: 'finagle', ratio: 0.1, minPerSecond: 0 };
const breaker = { window: { kind: 'count', size: 20 }, failureRatio: 0.5, openMs: 1000 };

/** Parts of what the dependency serves at once at its best. At the most, it may already be slow. */
const parts = [1, 0.8, 0.5];
const factors = [0.5, 2, 0.25, 4];

/** Returns changes of one number or one policy that may save a variant, the smallest first. */
export function remediesFor(experiment: Experiment, name: string, written: Written): Remedy[] {
  const variant = experiment.variants[name]!;
  const room = roomOf(experiment, variant);
  return [
    ...inPolicies(variant, written, room),
    ...(variant.path === 'event' ? inConsumer(variant) : []),
    ...newPolicies(variant, written, room),
  ]
    .map(({ pointer, value, ...each }) => ({
      ...each,
      values: new Map([[`/variants/${escapePointer(name)}${pointer}`, value]]),
    }))
    .toSorted(bySize);
}

/** Returns pairs of changes of different fields, the smallest first. */
export function pairsOf(singles: readonly Remedy[]): Remedy[] {
  const pointerOf = ({ values }: Remedy) => `${[...values.keys()][0]}/`;
  const isApart = (a: string, b: string) => !a.startsWith(b) && !b.startsWith(a);
  const pairs = singles.flatMap((first, index) =>
    singles
      .slice(index + 1)
      .filter((second) => isApart(pointerOf(first), pointerOf(second)))
      .map((second) => ({
        words: `${first.words} and ${second.words}`,
        values: new Map([...first.values, ...second.values]),
        size: first.size + second.size,
      })),
  );
  return pairs.toSorted(bySize);
}

const bySize = (a: Remedy, b: Remedy): number => a.size - b.size;

/** Change of a value of the variant, by its pointer in it. */
interface Single extends Pick<Remedy, 'words' | 'size'> {
  readonly pointer: string;
  readonly value: unknown;
}

const set = (pointer: string, value: unknown, words: string): Single => ({ pointer, value, words, size: 2 });

/** Changes a number to each value that differs from it. */
const change = (
  pointer: string,
  before: number,
  values: readonly number[],
  wordsOf: (to: number) => string,
) =>
  values
    .filter((value) => value !== before)
    .map((value) => ({
      ...set(pointer, value, wordsOf(value)),
      size: Math.abs(value - before) / Math.max(value, before),
    }));

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

const bulkheadOf = (concurrency: number): string => `a bulkhead of ${number(concurrency)}`;
const queueOf = (queue: number): string => (queue === 0 ? 'no queue' : `a queue of ${number(queue)}`);

const inPolicies = ({ policies }: Variant, written: Written, { most, waiting }: Room): Single[] =>
  policies.flatMap((spec, index) => {
    const at = `/policies/${index}`;
    if ('breaker' in spec) return set('/policies', written.toSpliced(index, 1), 'no breaker');
    if ('timeout' in spec) {
      const { ms } = spec.timeout;
      const others = factors.map((factor) => factor * ms);
      return change(`${at}/timeout/ms`, ms, others, (to) => `a timeout of ${duration(to)}`);
    }
    if ('retry' in spec) {
      const { budget: own, maxRetries } = spec.retry;
      const fewer = [1, 0].filter((count) => count < maxRetries);
      return [
        ...change(`${at}/retry/maxRetries`, maxRetries, fewer, (to) => (to ? 'one retry' : 'no retries')),
        ...(own ? [] : [set(`${at}/retry/budget`, budget, 'a retry budget of 10 %')]),
      ];
    }
    if (!('bulkhead' in spec)) return [];
    const { concurrency, queue } = spec.bulkhead;
    const queues = most.length > 0 ? [0, waiting] : [0];
    return [
      ...change(`${at}/bulkhead/queue`, queue, queues, (to) => `${queueOf(to)} before the bulkhead`),
      ...change(`${at}/bulkhead/concurrency`, concurrency, most, bulkheadOf),
    ];
  });

/** Adds policies of kinds that are missing, inside of all retries and outside of the timeout of an attempt. */
function newPolicies({ policies }: Variant, written: Written, { most, waiting }: Room): Single[] {
  const last = policies.findLastIndex((spec) => 'retry' in spec);
  const timeout = policies.findIndex((spec, index) => index > last && 'timeout' in spec);
  const place = timeout < 0 ? policies.length : timeout;
  const add = (policy: Written[number], words: string) =>
    policies.some((spec) => Object.keys(policy)[0]! in spec)
      ? []
      : set('/policies', written.toSpliced(place, 0, policy), words);
  return [
    ...most.map((concurrency) => add({ bulkhead: { concurrency } }, bulkheadOf(concurrency))),
    ...most.map((concurrency) =>
      add(
        { bulkhead: { concurrency, queue: waiting } },
        `${bulkheadOf(concurrency)} and ${queueOf(waiting)}`,
      ),
    ),
    add({ breaker }, 'a breaker that opens for a second when half of the last 20 calls failed'),
  ].flat();
}

function inConsumer({ consumer }: Extract<Variant, { path: 'event' }>): Single[] {
  const { concurrency, redelivery, ackWaitMs, prefetch = concurrency } = consumer;
  const others = factors.map((factor) => Math.floor(factor * concurrency)).filter((count) => count >= 1);
  return [
    ...change('/consumer/redelivery/maxRetries', redelivery.maxRetries, [0], () => 'no redeliveries'),
    ...change('/consumer/prefetch', prefetch, [1], () => 'a prefetch of 1'),
    ...change('/consumer/ackWaitMs', ackWaitMs, [4 * ackWaitMs], (to) => `an ack wait of ${duration(to)}`),
    ...change('/consumer/concurrency', concurrency, others, (to) => plural(to, 'handler')),
  ];
}
