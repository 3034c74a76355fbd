import { withChanges } from '#lab/experiment/field.ts';
import { subjectOf } from '#lab/experiment/limits/subject.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { duration, number, plural } from '#lab/kit/text/format.ts';

/** Variant as a file has it, without defaults. */
export interface Written {
  readonly policies?: readonly Readonly<Record<string, unknown>>[];
}

/** Change of a variant that may save it. */
export interface Remedy {
  readonly words: string;
  /** Field or kind of policy that changes. */
  readonly at: string;
  /**
   * Relative change of a number, up to 1; 2 for a further option; 3 for a policy more or less; 4 for a longer timeout,
   * which lets calls pile up and moves the load that a variant can't survive instead of ending the loop.
   */
  readonly size: number;
  /** Returns values by JSON pointer in a variant that make the change. */
  readonly values: (variant: Written) => ReadonlyMap<string, unknown>;
  /** The same change with lower round numbers, above the file's if it has one, the lowest first. */
  readonly lower?: readonly Remedy[];
}

const budget = { kind: 'finagle', ratio: 0.1, minPerSecond: 0 };
const breaker = { window: { kind: 'count', size: 20 }, failureRatio: 0.5, openMs: 1000 };

/** Parts of what the dependency serves at once at its best. At the most, it may already be slow. */
const parts = [1, 0.8, 0.5];
const factors = [0.5, 2, 0.25, 4];

/** Numbers that people choose: steps like those of the preferred numbers R10 (ISO 3). */
const roundNumbers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000].flatMap((unit) =>
  [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].map((step) => step * unit).filter(Number.isInteger),
);
const roundBetween = (from: number, to: number) => roundNumbers.filter((each) => each > from && each < to);

/** Returns the nearest round numbers, each once. */
function rounded(values: readonly number[]): number[] {
  const offBy = (value: number, round: number) => Math.abs(Math.log(round / value));
  const nearest = (value: number) =>
    roundNumbers.reduce((best, each) => (offBy(value, each) < offBy(value, best) ? each : best));
  return [...new Set(values.map(nearest))];
}

/** Returns changes of one number or one policy that may save a variant, the smallest first. */
export function remediesFor(experiment: Experiment, variant: Variant): Remedy[] {
  const room = roomOf(experiment, variant);
  return [
    ...inPolicies(variant, room, experiment),
    ...(variant.path === 'event' ? inConsumer(variant, room) : []),
    ...newPolicies(variant, room),
  ].toSorted(bySize);
}

/** Returns pairs of changes of different places, the smallest first. */
export function pairsOf(remedies: readonly Remedy[]): Remedy[] {
  // Numbers and options are first, since a policy more or less moves the others.
  const singles = remedies.toSorted((a, b) => Number(isMoving(a)) - Number(isMoving(b)) || bySize(a, b));
  const pairs = singles.flatMap((first, index) =>
    singles
      .slice(index + 1)
      .filter(({ at }) => at !== first.at)
      .map(
        (second): Remedy => ({
          words: `${first.words} and ${second.words}`,
          at: `${first.at} ${second.at}`,
          size: first.size + second.size,
          values: (variant) => {
            const values = first.values(variant);
            return new Map([...values, ...second.values(withChanges(variant, values) as Written)]);
          },
        }),
      ),
  );
  return pairs.toSorted(bySize);
}

/** True if a change adds or removes a policy. */
const isMoving = ({ at }: Remedy): boolean => !at.startsWith('/');
const bySize = (a: Remedy, b: Remedy): number => a.size - b.size;

const set = (at: string, value: unknown, words: string, size = 2): Remedy => ({
  ...{ words, at, size },
  values: () => new Map([[at, value]]),
});

const change = (at: string, before: number, values: readonly number[], wordsOf: (to: number) => string) =>
  values
    .filter((value) => value !== before)
    .map((value) => ({
      ...set(at, value, wordsOf(value), Math.abs(value - before) / Math.max(value, before)),
      lower: roundBetween(before, value).map((each) => set(at, each, wordsOf(each))),
    }));

type Room = ReturnType<typeof roomOf>;

/**
 * Returns how many calls a caller may make at a time, the highest number first, and how many may wait for them, so that
 * the dependency does much, and calls are in time: by Little's law, rate × time.
 */
function roomOf(experiment: Experiment, variant: Variant) {
  const { perSecond, inFlight } = subjectOf(experiment, variant).capacity;
  const { gateway, consumer } = experiment.replicas;
  const callers = variant.path === 'rpc' ? gateway : consumer;
  if (perSecond === Infinity) return { most: [], waiting: 0 };
  const atMost = (value: number) => roundNumbers.findLast((each) => each <= value) ?? 1;
  const most = [...new Set(parts.map((part) => atMost((part * inFlight) / callers)))];
  const waiting = (perSecond * experiment.deadlineMs) / 2000 / callers;
  return { most, waiting: waiting < 1 ? 0 : rounded([waiting])[0]! };
}

const bulkheadOf = (concurrency: number): string => `a bulkhead of ${number(concurrency)}`;
const queueOf = (queue: number): string => (queue === 0 ? 'no queue' : `a queue of ${number(queue)}`);

const inPolicies = (
  { policies }: Variant,
  { most, waiting }: Room,
  { deadlineMs }: Pick<Experiment, 'deadlineMs'>,
): Remedy[] =>
  policies.flatMap((spec, index) => {
    const at = `/policies/${index}`;
    if ('breaker' in spec) {
      const without = (written: Policies) => written.filter((policy) => !('breaker' in policy));
      return ofPolicies('breaker', without, 'no breaker');
    }
    if ('timeout' in spec) {
      const { ms } = spec.timeout;
      const all = rounded(factors.map((factor) => factor * ms));
      const others = all.filter((to) => to !== ms && to < deadlineMs);
      const remedies = change(`${at}/timeout/ms`, ms, others, (to) => `a timeout of ${duration(to)}`);
      return remedies.map((remedy, index) => (others[index]! > ms ? { ...remedy, size: 4 } : remedy));
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

type Policies = NonNullable<Written['policies']>;

const ofPolicies = (at: string, act: (policies: Policies) => Policies, words: string): Remedy => ({
  ...{ words, at, size: 3 },
  values: ({ policies = [] }) => new Map([['/policies', act(policies)]]),
});

/** Inserts a policy inside of all retries, and outside of the timeout of an attempt. */
function inserted(policies: Policies, policy: Policies[number]): Policies {
  const last = policies.findLastIndex((each) => 'retry' in each);
  const timeout = policies.findIndex((each, index) => index > last && 'timeout' in each);
  return policies.toSpliced(timeout < 0 ? policies.length : timeout, 0, policy);
}

function newPolicies({ policies }: Variant, { most, waiting }: Room): Remedy[] {
  const add = (kind: string, options: object, words: string) =>
    ofPolicies(kind, (written) => inserted(written, { [kind]: options }), words);
  const queued = (concurrency: number, queue: number) =>
    add('bulkhead', { concurrency, queue }, `${bulkheadOf(concurrency)} and ${queueOf(queue)}`);
  const all = [
    ...most.map((concurrency) => add('bulkhead', { concurrency }, bulkheadOf(concurrency))),
    ...(waiting > 0 ? most : []).map((concurrency) => ({
      ...queued(concurrency, waiting),
      lower: roundBetween(0, waiting).map((each) => queued(concurrency, each)),
    })),
    add('breaker', breaker, 'a breaker that opens for a second when half of the last 20 calls failed'),
  ];
  return all.filter(({ at }) => policies.every((spec) => !(at in spec)));
}

function inConsumer({ consumer }: Extract<Variant, { path: 'event' }>, { most }: Room): Remedy[] {
  const { concurrency, redelivery, ackWaitMs, prefetch = concurrency } = consumer;
  const others = rounded([...factors.map((factor) => factor * concurrency), ...most]);
  const longer = rounded([4 * ackWaitMs]);
  return [
    ...change('/consumer/redelivery/maxRetries', redelivery.maxRetries, [0], () => 'no redeliveries'),
    ...change('/consumer/prefetch', prefetch, [1], () => 'a prefetch of 1'),
    ...change('/consumer/ackWaitMs', ackWaitMs, longer, (to) => `an ack wait of ${duration(to)}`),
    ...change('/consumer/concurrency', concurrency, others, (to) => plural(to, 'handler')),
  ];
}
