import { changeTexts } from '#lab/experiment/changes.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { duration, inNumber, number, plural, share } from '#lab/experiment/text/format.ts';
import { longestBackoffsMs } from '#policies/backoff.ts';
import type { BudgetOptions } from '#policies/budget/kinds.ts';
import { classOf } from '#policies/class.ts';
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

/** Returns the facts of one kind about a variant. */
type Explain = (subject: Subject) => readonly Fact[];

/** Returns the begin of a statement about a policy that applies to one class. */
const whose = (options: object): string => {
  const name = classOf(options);
  return name === undefined ? '' : `For class ${name}: `;
};

const perSecond = (value: number): string => `${number(value)}/s`;

const attempts: Explain = ({ variant, attempts: { call, deliveries } }) => {
  const value = call * deliveries;
  const what = variant.path === 'rpc' ? 'request' : 'event';
  const factors = `${`${number(deliveries)} deliveries`} × ${plural(call, 'attempt')}`;
  const text =
    call > 1 && deliveries > 1
      ? `Retries multiply to ${value} attempts per event: ${factors}.`
      : `At most ${plural(value, 'attempt')} per ${what}.`;
  return [{ about: 'attempts', value, text }];
};

const wait: Explain = ({ variant, longest: { callMs }, experiment: { deadlineMs } }) => {
  const { redelivery } = variant.path === 'event' ? variant.consumer : {};
  const tries = 1 + (redelivery?.maxRetries ?? 0);
  const value = tries * callMs + (redelivery ? longestBackoffsMs(redelivery.backoff, tries - 1) : 0);
  const until = redelivery
    ? 'Without a backlog, an event that always fails is dead-lettered'
    : 'A caller has an answer';
  const tooLong = value > deadlineMs ? `, longer than the deadline of ${duration(deadlineMs)}` : '';
  const text =
    value === Infinity
      ? 'No policy limits how long a call takes: it takes as long as the dependency does.'
      : `${until} after at most ${duration(value)}${tooLong}.`;
  return [{ about: 'longest wait', value, text }];
};

const healthy: Explain = ({ healthy: { quantileMs, above }, longest: { attemptMs } }) => {
  if (attemptMs === Infinity) return [];
  const value = above(attemptMs);
  const percentiles = `without load, the dependency's p50 is ${duration(quantileMs(0.5))}, its p99 ${duration(quantileMs(0.99))}`;
  return [
    {
      ...{ about: 'timeout', value },
      text: `The limit of ${duration(attemptMs)} cuts ${share(value)} of healthy calls: ${percentiles}.`,
    },
  ];
};

const ceiling: Explain = ({ experiment, variant }) => {
  const value = ceilingOf(experiment, variant);
  return value === 1
    ? []
    : [
        {
          about: 'ceiling',
          value,
          text: `No policy can complete more than ${share(value)} of this load in time.`,
        },
      ];
};

const capacity: Explain = ({ mostPerSecond: value, rates, attempts: { call, deliveries } }) => {
  if (value === Infinity || !rates) return [];
  const { low, high } = rates;
  const load = low === high ? perSecond(high) : `${perSecond(low)} to ${perSecond(high)}`;
  const worst = low * call * deliveries;
  const multiplied =
    worst > low ? ` If all attempts fail, ${perSecond(low)} become up to ${perSecond(worst)}.` : '';
  return [
    {
      ...{ about: 'capacity', value },
      text: `In time, at most ${perSecond(value)} attempts succeed; the load is ${load}.${multiplied}`,
    },
  ];
};

/** Little's law: calls at a time ÷ mean time of a call. The dependency may complete less. */
const bulkheads: Explain = ({ all, downstream, healthy, mostPerSecond, longest: { attemptMs } }) =>
  all('bulkhead').flatMap((options) => {
    const { concurrency, queue } = options;
    const ms = latenciesOf(downstream, concurrency).meanUpTo(attemptMs);
    if (ms === 0) return [];
    const value = Math.min((concurrency * 1000) / ms, mostPerSecond / (1 - healthy.failed));
    const rest = queue > 0 ? `${number(queue)} more wait, the rest is refused` : 'the rest is refused';
    const text = `${whose(options)}With ${number(concurrency)} in use, an attempt takes ${duration(ms)}: ${perSecond(value)} pass; ${rest}.`;
    return [{ about: 'bulkhead', value, text }];
  });

const budgets: Explain = ({ all, rates, clients }) =>
  all('retry').flatMap((options) =>
    options.budget
      ? budgetFacts(options.budget, rates && rates.low / clients).map((fact) => ({
          ...fact,
          text: whose(options) + fact.text,
        }))
      : [],
  );

function budgetFacts(budget: BudgetOptions, rate: number | undefined): readonly Fact[] {
  if (budget.kind === 'finagle') {
    if (rate === undefined) return [];
    const value = budget.ratio * rate + budget.minPerSecond;
    return [
      {
        about: 'budget',
        value,
        text: `At ${perSecond(rate)}, at most ${perSecond(value)} retries over time.`,
      },
    ];
  }
  const value =
    budget.kind === 'grpc'
      ? Math.max(0, Math.ceil(budget.maxTokens / 2) - 1) // a failure takes its token before the budget is asked
      : Math.floor(budget.capacity / budget.timeoutRetryCost);
  const after = budget.kind === 'grpc' ? '' : ' after timeouts';
  const text = `At most ${number(value)} ${inNumber(value, 'retry', 'retries')}${after} without a success.`;
  return [{ about: 'budget', value, text }];
}

const shares: Explain = ({ clients: value }) => {
  const text = `${number(value)} clients share the load, each with its own policies: the figures below are of one.`;
  return value === 1 ? [] : [{ about: 'clients', value, text }];
};

const changes: Explain = ({ variant }) => {
  const times = changeTexts(variant).map(({ atMs }) => atMs);
  const text = `Options change after ${times.map(duration).join(', ')}: the lines hold until then, a line "metastable" from then on.`;
  return times.length === 0 ? [] : [{ about: 'changes', value: times[0]!, text }];
};

const breakers: Explain = ({ all }) =>
  all('breaker').map((options) => {
    const {
      window,
      failures,
      failureRatio,
      slowRatio,
      slowCallMs,
      minimumCalls,
      openMs,
      openJitter,
      halfOpen,
    } = options;
    const least = minimumCalls ?? (window.kind === 'count' ? window.size : 20);
    const span =
      window.kind === 'count'
        ? `the last ${plural(window.size, 'call')}`
        : `the calls of ${duration(window.ms)}`;
    const from = window.kind === 'count' && least >= window.size ? '' : `, at least ${number(least)}`;
    const needed = failures ?? Math.ceil((failureRatio ?? slowRatio ?? 1) * least);
    const value = Math.max(least, needed); // if every call fails
    const causes = [
      ...(failures === undefined ? [] : [`${plural(failures, 'failure')} in`]),
      ...(failureRatio === undefined ? [] : [`${share(failureRatio)} failures in`]),
      ...(slowRatio === undefined ? [] : [`${share(slowRatio)} slower than ${duration(slowCallMs!)} in`]),
    ];
    const openFor =
      openJitter === 0
        ? duration(openMs)
        : `${duration(openMs * (1 - openJitter))} to ${duration(openMs * (1 + openJitter))}`;
    const then = halfOpen.kind === 'trial' ? `, then tries ${plural(halfOpen.calls, 'call')}` : '';
    return {
      ...{ about: 'breaker', value },
      text: `${whose(options)}Opens at ${causes.join(' or ')} ${span}${from}; refuses for ${openFor}${then}.`,
    };
  });

const loop: Explain = ({ experiment, variant, rates }) => {
  const value = loopOf(experiment, variant)?.sticksAbove;
  if (value === undefined) return [];
  const isAbove = rates !== undefined && rates.low > value;
  return [
    {
      ...{ about: 'metastable', value },
      text: `Above ${perSecond(value)} a spike outlives itself${isAbove ? `, and the load is ${perSecond(rates.low)} or more` : ''}.`,
    },
  ];
};

const explains: readonly Explain[] = [
  attempts,
  wait,
  healthy,
  ceiling,
  capacity,
  shares,
  bulkheads,
  budgets,
  breakers,
  loop,
  changes,
];

/** Returns what follows from the options of each variant, before any load. */
export const explain = (experiment: Experiment): { variant: string; facts: readonly Fact[] }[] =>
  Object.entries(experiment.variants).map(([name, variant]) => {
    const subject = subjectOf(experiment, variant);
    const own = 'command' in variant ? variant.command?.[0] : variant.client;
    if (own === undefined) return { variant: name, facts: explains.flatMap((each) => each(subject)) };
    // Only what holds for any caller is known of code that isn't loaded.
    const code = { about: 'code', value: Infinity, text: `${own} decides on attempts and waits.` };
    return { variant: name, facts: [code, ...ceiling(subject)] };
  });
