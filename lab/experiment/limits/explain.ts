import type { Experiment } from '#lab/experiment/schema.ts';
import { duration, inNumber, number, plural, range, share } from '#lab/kit/text/format.ts';
import { classOf } from '#policies/class.ts';
import { maxAttempts, type PolicySpec } from '#policies/pipeline.ts';
import { retryLongestMs } from '#policies/retry.ts';
import { ceilingOf } from './ceiling.ts';
import { latenciesOf } from './latency.ts';
import { loopOf } from './loop.ts';
import { type Subject, subjectOf } from './subject.ts';

/** Statement about a variant, from its options and the model of its dependency alone. */
export interface Fact {
  readonly about: string;
  /** Number in the statement, which a simulation can check. Infinity if there is no limit. */
  readonly value: number;
  readonly text: string;
}

type Statement = Omit<Fact, 'about'>;

/** Functions that return statements about a variant, by what these are about. */
type Explains = Readonly<Record<string, (subject: Subject) => readonly Statement[]>>;

/** Returns a function that makes statements about some policies. Those for one class begin with its name. */
const ofPolicies =
  (statementOf: (spec: PolicySpec, subject: Subject) => Statement | undefined) =>
  (subject: Subject): Statement[] =>
    subject.policies.flatMap((spec) => {
      const statement = statementOf(spec, subject);
      const name = classOf(Object.values(spec)[0]!);
      if (!statement || name === undefined) return statement ?? [];
      return { ...statement, text: `For class ${name}: ${statement.text}` };
    });

const perSecond = (value: number): string => `${number(value)}/s`;

const explains = {
  attempts({ variant, policies, rates }) {
    const call = maxAttempts(policies);
    const deliveries = variant.path === 'event' ? 1 + variant.consumer.redelivery.maxRetries : 1;
    const value = call * deliveries;
    const what = variant.path === 'rpc' ? 'request' : 'event';
    const factors = deliveries > 1 && call > 1 ? ` (${number(deliveries)} deliveries × ${number(call)})` : '';
    const multiplied =
      rates && value > 1
        ? `: if all fail, ${perSecond(rates.low)} become up to ${perSecond(rates.low * value)}`
        : '';
    return [{ value, text: `At most ${plural(value, 'attempt')} per ${what}${factors}${multiplied}.` }];
  },

  'longest wait'({ variant, longest: { callMs }, experiment: { deadlineMs } }) {
    const { redelivery } = variant.path === 'event' ? variant.consumer : {};
    const value = redelivery ? retryLongestMs(redelivery, callMs) : callMs;
    const until = redelivery
      ? 'Without a backlog, an event that always fails is dead-lettered'
      : 'A caller has an answer';
    const tooLong = value > deadlineMs ? `, longer than the deadline of ${duration(deadlineMs)}` : '';
    const text =
      value === Infinity
        ? 'No policy limits how long a call takes: it takes as long as the dependency does.'
        : `${until} after at most ${duration(value)}${tooLong}.`;
    return [{ value, text }];
  },

  timeout({ healthy: { quantileMs, above }, longest: { attemptMs } }) {
    if (attemptMs === Infinity) return [];
    const value = above(attemptMs);
    const percentiles = `without load, the dependency's p50 is ${duration(quantileMs(0.5))}, its p99 ${duration(quantileMs(0.99))}`;
    const text = `The limit of ${duration(attemptMs)} cuts ${share(value)} of healthy calls: ${percentiles}.`;
    return [{ value, text }];
  },

  ceiling({ experiment, variant }) {
    const value = ceilingOf(experiment, variant);
    const text = `No policy can complete more than ${share(value)} of this load in time.`;
    return value === 1 ? [] : [{ value, text }];
  },

  capacity({ capacity: { perSecond: value }, rates }) {
    if (value === Infinity || !rates) return [];
    const load = range([rates.low, rates.high], perSecond);
    return [{ value, text: `In time, at most ${perSecond(value)} attempts succeed; the load is ${load}.` }];
  },

  clients({ clients: value }) {
    const text = `${number(value)} clients share the load, each with its own policies: the figures below are of one.`;
    return value === 1 ? [] : [{ value, text }];
  },

  /** By Little's law: calls at a time ÷ mean time of a call. The dependency may complete less. */
  bulkhead: ofPolicies((spec, { downstream, healthy, capacity, longest }) => {
    if (!('bulkhead' in spec)) return undefined;
    const { concurrency, queue } = spec.bulkhead;
    const ms = latenciesOf(downstream, concurrency).meanUpTo(longest.attemptMs);
    if (ms === 0) return undefined;
    const value = Math.min((concurrency * 1000) / ms, capacity.perSecond / (1 - healthy.failed));
    const rest = queue > 0 ? `${number(queue)} more wait, the rest is refused` : 'the rest is refused';
    const text = `With ${number(concurrency)} in use, an attempt takes ${duration(ms)}: ${perSecond(value)} pass; ${rest}.`;
    return { value, text };
  }),

  budget: ofPolicies((spec, { rates, clients }) => {
    const budget = 'retry' in spec ? spec.retry.budget : undefined;
    if (budget?.kind === 'finagle') {
      if (!rates) return undefined;
      const rate = rates.low / clients;
      const value = budget.ratio * rate + budget.minPerSecond;
      return { value, text: `At ${perSecond(rate)}, at most ${perSecond(value)} retries over time.` };
    }
    if (!budget) return undefined;
    const value =
      budget.kind === 'grpc'
        ? Math.max(0, Math.ceil(budget.maxTokens / 2) - 1) // a failure takes its token before the budget is asked
        : Math.floor(budget.capacity / budget.timeoutRetryCost);
    const after = budget.kind === 'grpc' ? '' : ' after timeouts';
    const text = `At most ${number(value)} ${inNumber(value, 'retry', 'retries')}${after} without a success.`;
    return { value, text };
  }),

  breaker: ofPolicies((spec) => {
    if (!('breaker' in spec)) return undefined;
    const { window, failures, failureRatio, slowRatio, slowCallMs, openMs, openJitter } = spec.breaker;
    const { minimumCalls: least = window.kind === 'count' ? window.size : 20, halfOpen } = spec.breaker;
    const span =
      window.kind === 'count'
        ? `the last ${plural(window.size, 'call')}`
        : `the calls of ${duration(window.ms)}`;
    const from = window.kind === 'count' && least >= window.size ? '' : `, at least ${number(least)}`;
    const needed = failures ?? Math.ceil((failureRatio ?? slowRatio ?? 1) * least);
    const causes = [
      failures === undefined ? [] : `${plural(failures, 'failure')} in`,
      failureRatio === undefined ? [] : `${share(failureRatio)} failures in`,
      slowRatio === undefined ? [] : `${share(slowRatio)} slower than ${duration(slowCallMs!)} in`,
    ].flat();
    const openFor = range([(1 - openJitter) * openMs, (1 + openJitter) * openMs], duration);
    const then = halfOpen.kind === 'trial' ? `, then tries ${plural(halfOpen.calls, 'call')}` : '';
    const text = `Opens at ${causes.join(' or ')} ${span}${from}; refuses for ${openFor}${then}.`;
    return { value: Math.max(least, needed), text }; // the value if every call fails
  }),

  metastable({ experiment, variant, rates }) {
    const value = loopOf(experiment, variant)?.sticksAbove;
    if (value === undefined) return [];
    const isAbove = rates !== undefined && rates.low > value;
    const then = isAbove ? `, and the load is ${perSecond(rates.low)} or more` : '';
    return [{ value, text: `Above ${perSecond(value)} a spike outlives itself${then}.` }];
  },

  changes({ variant }) {
    const times = (variant.changes ?? []).map(({ atMs }) => atMs);
    const text = `Options change after ${times.map(duration).join(', ')}: the lines hold until then, a line "metastable" from then on.`;
    return times.length === 0 ? [] : [{ value: times[0]!, text }];
  },
} satisfies Explains;

/** Returns what follows from the options of each variant, before any load. */
export const explain = (experiment: Experiment): { variant: string; facts: readonly Fact[] }[] =>
  Object.entries(experiment.variants).map(([name, variant]) => {
    const subject = subjectOf(experiment, variant);
    const own = 'command' in variant ? variant.command?.[0] : variant.client;
    const code = () => [{ value: Infinity, text: `${own} decides on attempts and waits.` }];
    // Only what holds for any caller is known of code that isn't loaded.
    const known: Explains = own === undefined ? explains : { code, ceiling: explains.ceiling };
    const facts = Object.entries(known).flatMap(([about, statementsOf]) =>
      statementsOf(subject).map((statement) => ({ about, ...statement })),
    );
    return { variant: name, facts };
  });
