import { parser } from '#kit/schema/parser.ts';
import { latenciesOf } from '#lab/experiment/limits/latency.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import { readSource } from '#lab/experiment/read.ts';
import { duration, number, share } from '#lab/kit/text/format.ts';
import { limits } from '#load/arrivals/arrival.ts';
import { RetryOptions, retryLongestMs } from '#policies/retry.ts';
import { onThreads } from './prediction/predict.ts';

/** Numbers that a user knows of a dependency and of its caller. Times are in ms, the rate is in requests per second. */
export interface OwnNumbers {
  readonly p50: number;
  readonly p99: number;
  /** Number of calls that the dependency handles at a time. */
  readonly concurrent: number;
  readonly rate: number;
  readonly retries: number;
  readonly timeout: number;
}

/** Factor of the load in the spike, and spans in s of the phases. Those around the spike are longer after long waits. */
const spike = { factor: 5, beforeS: 4, forS: 10, afterS: 10 };

/** Returns what follows from the numbers: times in ms, spans of the phases in s, and a rate per second. */
function derivedFrom({ p50, p99, concurrent, rate, retries, timeout }: OwnNumbers) {
  const times = { kind: 'lognormal', p50Ms: p50, p99Ms: p99 } as const;
  const healthy = latenciesOf({ model: { kind: 'fixed', latencyMs: 0, failureRatio: 0, times } });
  const mostPerSecond = (concurrent * 1000) / healthy.meanMs; // Little's law
  const longestMs = retryLongestMs(parser(RetryOptions)({ maxRetries: retries }), timeout);
  const deadlineMs = Math.max(1000, Math.ceil(longestMs / 100) * 100);
  // Before and after the spike, requests end that it does not touch.
  const deadlineS = Math.ceil(deadlineMs / 1000);
  const beforeS = Math.max(spike.beforeS, 2 * deadlineS);
  const beyond = (factor: number, seconds: number) =>
    (factor * rate * (retries + 1) - mostPerSecond) * seconds;
  // If the dependency can work off what the spike left, the load goes on until then, for five minutes at most.
  const spare = -beyond(1, 1);
  const workedOffS = spare > 0 ? Math.ceil(beyond(spike.factor, spike.forS) / spare) + spike.afterS : 0;
  const roomS = Math.floor(limits.requests / rate) - beforeS - spike.factor * spike.forS;
  const afterS = Math.max(spike.afterS, 3 * deadlineS, Math.min(300, roomS, workedOffS));
  // After the load, the dependency does what `yours` has left, for ten minutes at most, or a longer deadline.
  const backlog = beyond(spike.factor, spike.forS) + beyond(1, afterS);
  const workMs = 1000 * Math.ceil(Math.max(0, backlog) / mostPerSecond);
  const drainMs = Math.max(deadlineMs, 10_000 + Math.min(590_000, workMs));
  // Twice the requests in flight in the spike if all take the longest time, since a busy machine takes longer.
  const inFlight = (spike.factor * rate * deadlineMs) / 1000;
  const connections = Math.min(16_384, Math.max(2048, Math.ceil(2 * inFlight)));
  return { healthy, mostPerSecond, longestMs, deadlineMs, beforeS, afterS, drainMs, connections };
}

/** Returns a contradiction between the numbers, with what would fit; undefined if there is none. */
export function contradictionIn(numbers: OwnNumbers): string | undefined {
  const { p50, p99, concurrent, rate } = numbers;
  if (p99 < p50) return `p99=${p99} is below p50=${p50}: expected at least p50`;
  const { mostPerSecond: most, beforeS, afterS } = derivedFrom(numbers);
  if (rate > most)
    return `rate=${rate} is more than ${concurrent} at a time can do: with these latencies at most ${number(most)} complete per second; expected a rate below that, or concurrent=${Math.ceil((concurrent * rate) / most)}`;
  const rateMax = Math.floor(limits.requests / (beforeS + spike.factor * spike.forS + afterS));
  if (rate <= rateMax) return undefined;
  return `rate=${rate} makes more than ${number(limits.requests)} requests: expected a rate of at most ${rateMax}`;
}

/** Compares the load of the spike with what the dependency can do, and the timeout with what it usually takes. */
export function whatIsOffered(numbers: OwnNumbers): string {
  const { rate, timeout } = numbers;
  const { healthy, mostPerSecond } = derivedFrom(numbers);
  const most = number(Math.floor(mostPerSecond));
  const load = `In the spike ${number(spike.factor * rate)} requests per second arrive; the dependency completes at most ${most}.`;
  const cut = healthy.above(timeout);
  return cut > 0.02
    ? `${load} The timeout of ${duration(timeout)} cuts ${share(cut)} of healthy calls.`
    : load;
}

/** Returns the lines of a model: one, or if that is too long, one for each option. */
function modelLines(options: readonly string[]): string[] {
  const line = `model: { ${options.join(', ')} }`;
  return line.length <= 96 ? [line] : ['model:', ...options.map((option) => `  ${option}`)];
}

/** Returns words for what a dependency may do with calls beyond those that it handles, then the lines of its model. */
function assumptionsFor(numbers: OwnNumbers) {
  const { p50, p99, concurrent } = numbers;
  const times = `times: { kind: lognormal, p50Ms: ${p50}, p99Ms: ${p99} }`;
  const slower = modelLines([
    ...['kind: congestion', `capacityRps: ${10 * concurrent}`],
    `overloadLatencyMs: ${Math.round(derivedFrom(numbers).healthy.meanMs)}`,
    ...['failureRatio: 0', 'overloadFailureRatio: 0', times],
  ]);
  const queue = ['kind: queue', `servers: ${concurrent}`];
  return {
    queues: ['it waits for its turn, even if its caller has left', ...modelLines([...queue, times])],
    refuses: ['it fails at once', ...modelLines([...queue, 'waitingMax: 0', times])],
    'slows down': ['all calls get slower, and go on if their callers have left', ...slower],
    cancels: ['all calls get slower, and end when their callers leave', ...slower, 'abandonOnAbort: true'],
  };
}

type Assumption = keyof ReturnType<typeof assumptionsFor>;

/** Returns the text of an experiment with a dependency under an assumption. The others are comments, to take instead. */
export function ownExperiment(numbers: OwnNumbers, inForce: Assumption = 'queues'): string {
  const { rate, retries, timeout, concurrent } = numbers;
  const { longestMs, deadlineMs, beforeS, afterS, drainMs, connections } = derivedFrom(numbers);
  const assumptions = assumptionsFor(numbers);
  const [words, ...model] = assumptions[inForce];
  const others = Object.values(assumptions).filter((each) => each !== assumptions[inForce]);
  const instead = others.flatMap(([words, ...model]) => [`Or: ${words}.`, ...model]);
  const phase = (name: string, factor: number, seconds: number) =>
    `- { name: ${name}, arrivals: { kind: poisson, ratePerSecond: ${factor * rate}, forMs: ${seconds * 1000} } }`;
  const retry = (budget = '') => (retries > 0 ? [`    - retry: { maxRetries: ${retries}${budget} }`] : []);
  const variant = (name: string, ...policies: string[]) => [
    ...[`${name}:`, '  path: rpc', '  policies: # outermost first', ...policies],
    `    - timeout: { ms: ${timeout} } # of each try`,
  ];
  const finagle = ', budget: { kind: finagle, ratio: 0.1, minPerSecond: 1 }';
  const bulkhead = `    - bulkhead: { concurrency: ${concurrent} } # further calls fail at once`;
  const variants = [
    ...variant('yours', ...retry()),
    ...(retries > 0 ? variant('budget', ...retry(finagle)) : []),
    ...variant('bulkhead', ...retry(), bulkhead),
  ];
  const given = Object.entries(numbers).map((pair) => pair.join('='));
  return `title: Do we go down at ${spike.factor} times the traffic, and stay down?
description: |
  ${whatIsOffered(numbers)}
  From ${given.join(',')}.
deadlineMs: ${deadlineMs} # a later answer is worthless; the client itself gives up after ${duration(longestMs)}, with all backoffs
drainMs: ${drainMs} # time for what the dependency still has to do when the load ends
connections: ${connections} # for all callers that wait in the spike

load:
  ${phase('before', 1, beforeS)}
  ${phase('spike', spike.factor, spike.forS)}
  ${phase('after', 1, afterS)}

downstream:
  # Call number ${concurrent + 1} decides. Assumed: ${words}.
  ${model.join('\n  ')}
  # ${instead.join('\n  # ')}

# Recovered: in each second of two seconds, 95 % complete in time.
recovery: { overMs: 1000, heldMs: 2000 }

variants:
  ${variants.join('\n  ')}

hypothesis:
  - goodput(yours, phase before) > 0.95
  - metastable(yours, after phase spike) == 0
`;
}

export type OwnAnswer = Awaited<ReturnType<typeof answersOf>>[number];

/** Simulates the experiment under each assumption, and with half the load, on all cores. */
export function answersOf(numbers: OwnNumbers, onProgress: (done: number, of: number) => void) {
  const assumptions = Object.keys(assumptionsFor(numbers)) as Assumption[];
  const texts = new Map<string, string>(assumptions.map((name) => [name, ownExperiment(numbers, name)]));
  texts.set('half the rate', ownExperiment({ ...numbers, rate: numbers.rate / 2 }));
  const tasks = [...texts].flatMap(([assumption, source]) => {
    const { experiment } = readSource({ name: 'own', file: 'own', source }).file;
    return Object.keys(experiment.variants).map((variant) => ({ assumption, variant, experiment }));
  });
  let done = 0;
  return onThreads(new AbortController().signal, (ask) =>
    Promise.all(
      tasks.map(async ({ assumption, variant, experiment }) => {
        const own = onlyVariants(experiment, [variant]).experiment;
        const hypothesis = [`metastable(${variant}, after phase spike) == 0`];
        // A list of stalls asks for samples of the work in flight, without which `metastable` is not known.
        const figures = (await ask({ experiment: { ...own, hypothesis }, stalls: [] })) ?? [];
        onProgress(++done, tasks.length);
        const goodput = (window?: string) => valueIn({ figures }, variant, 'goodput', window) ?? Number.NaN;
        return {
          assumption,
          variant,
          /** Shares of the requests that complete in time: of all, before the spike, and in it. */
          goodput: goodput(),
          before: goodput('phase before'),
          spike: goodput('phase spike'),
          /** Time until it has recovered, in ms; null if it has not before the load ends. */
          backAfterMs: valueIn({ figures }, variant, 'timeToRecover', 'after phase spike'),
          /** True if nothing brings it back; false if it was still recovering when the load ended. */
          isStuck: valueIn({ figures }, variant, 'metastable', 'after phase spike') === 1,
        };
      }),
    ),
  );
}
