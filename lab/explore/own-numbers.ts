import { stringify } from 'yaml';
import { parser } from '#kit/schema/parser.ts';
import type { SimulationTask } from '#lab/conduct/predict.ts';
import { Threads } from '#lab/conduct/threads.ts';
import { latenciesOf } from '#lab/experiment/limits/latency.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import { readSource } from '#lab/experiment/read.ts';
import { duration, number } from '#lab/experiment/text/format.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { limits } from '#load/arrivals/arrival.ts';
import { RetryOptions, retryLongestMs } from '#policies/retry.ts';

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

const timesOf = ({ p50, p99 }: OwnNumbers) => ({ kind: 'lognormal', p50Ms: p50, p99Ms: p99 }) as const;

const meanMsOf = (numbers: OwnNumbers): number =>
  latenciesOf({ model: { kind: 'fixed', latencyMs: 0, failureRatio: 0, times: timesOf(numbers) } }).meanMs;

/** Returns the highest rate in requests per second that the dependency can do, by Little's law. */
const mostPerSecond = (numbers: OwnNumbers): number => (numbers.concurrent * 1000) / meanMsOf(numbers);

/** Returns the longest wait of the client in ms, with all tries and backoffs. */
const longestMs = ({ retries, timeout }: OwnNumbers): number =>
  retryLongestMs(parser(RetryOptions)({ maxRetries: retries }), timeout);

const deadlineMsOf = (numbers: OwnNumbers): number =>
  Math.max(1000, Math.ceil(longestMs(numbers) / 100) * 100);

/** Returns the spans in s of the phases. Before and after the spike, requests end that it does not touch. */
function phasesOf(numbers: OwnNumbers) {
  const deadlineS = Math.ceil(deadlineMsOf(numbers) / 1000);
  const { beforeS, afterS } = spike;
  return { beforeS: Math.max(beforeS, 2 * deadlineS), afterS: Math.max(afterS, 3 * deadlineS) };
}

/** Returns a contradiction between the numbers, with what would fit; undefined if there is none. */
export function contradictionIn(numbers: OwnNumbers): string | undefined {
  const { p50, p99, concurrent, rate } = numbers;
  if (p99 < p50) return `p99=${p99} is below p50=${p50}: expected at least p50`;
  const most = mostPerSecond(numbers);
  if (rate > most)
    return `rate=${rate} is more than ${concurrent} at a time can do: with these latencies at most ${number(most)} complete per second; expected a rate below that, or concurrent=${Math.ceil((concurrent * rate) / most)}`;
  const { beforeS, afterS } = phasesOf(numbers);
  const rateMax = Math.floor(limits.requests / (beforeS + spike.factor * spike.forS + afterS));
  if (rate <= rateMax) return undefined;
  return `rate=${rate} makes more than ${number(limits.requests)} requests: expected a rate of at most ${rateMax}`;
}

/** Compares the load of the spike with what the dependency can do. */
export const whatIsOffered = (numbers: OwnNumbers): string =>
  `In the spike ${number(spike.factor * numbers.rate)} requests per second arrive; the dependency completes at most ${number(Math.floor(mostPerSecond(numbers)))}.`;

/** Behaviour of a dependency towards calls that exceed what it handles at a time. */
interface Assumption {
  readonly words: string;
  model(numbers: OwnNumbers): object;
  readonly abandonOnAbort?: true;
}

const slower = (numbers: OwnNumbers): object => ({
  ...{ kind: 'congestion', capacityRps: 10 * numbers.concurrent, times: timesOf(numbers) },
  ...{ overloadLatencyMs: Math.round(meanMsOf(numbers)), failureRatio: 0, overloadFailureRatio: 0 },
});

const assumptions = {
  queues: {
    words: 'it waits for its turn, even if its caller has left',
    model: (numbers) => ({ kind: 'queue', servers: numbers.concurrent, times: timesOf(numbers) }),
  },
  refuses: {
    words: 'it fails at once',
    model: (numbers) => ({
      ...{ kind: 'queue', servers: numbers.concurrent, waitingMax: 0 },
      times: timesOf(numbers),
    }),
  },
  'slows down': { words: 'all calls get slower, and go on if their callers have left', model: slower },
  cancels: {
    words: 'all calls get slower, and end when their callers leave',
    model: slower,
    abandonOnAbort: true,
  },
} satisfies Record<string, Assumption>;
type AssumptionName = keyof typeof assumptions;
const assumptionNames = Object.keys(assumptions) as AssumptionName[];

/** Returns the lines of a model, with an option a line. */
const modelLines = (model: object): string[] => [
  'model:',
  ...Object.entries(model).map(
    ([name, value]) => `  ${name}: ${stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`,
  ),
];

/** Returns the lines of the dependency. The other assumptions are comments, to take instead. */
function downstreamLines(numbers: OwnNumbers, inForce: AssumptionName): string[] {
  const linesOf = (name: AssumptionName) => {
    const { model, abandonOnAbort }: Assumption = assumptions[name];
    return [...modelLines(model(numbers)), ...(abandonOnAbort ? ['abandonOnAbort: true'] : [])];
  };
  const others = assumptionNames.filter((name) => name !== inForce);
  return [
    `# Call number ${numbers.concurrent + 1} decides. Assumed: ${assumptions[inForce].words}.`,
    ...linesOf(inForce),
    ...others.flatMap((name) => [
      `# Or: ${assumptions[name].words}.`,
      ...linesOf(name).map((line) => `# ${line}`),
    ]),
  ].map((line) => `  ${line}`);
}

/** Returns the text of an experiment with a dependency under an assumption. */
export function ownExperiment(numbers: OwnNumbers, inForce: AssumptionName = 'queues'): string {
  const { rate, retries, timeout, concurrent } = numbers;
  const { beforeS, afterS } = phasesOf(numbers);
  const deadlineMs = deadlineMsOf(numbers);
  const phase = (name: string, factor: number, seconds: number) =>
    `  - { name: ${name}, arrivals: { kind: poisson, ratePerSecond: ${factor * rate}, forMs: ${seconds * 1000} } }`;
  const timeoutLine = `      - timeout: { ms: ${timeout} } # of each try`;
  const retry = (budget = '') =>
    retries === 0 ? [] : [`      - retry: { maxRetries: ${retries}${budget} }`];
  const variant = (name: string, ...lines: string[]) => [
    `  ${name}:`,
    ...['    path: rpc', '    policies: # outermost first', ...lines, timeoutLine],
  ];
  const finagle = ', budget: { kind: finagle, ratio: 0.1, minPerSecond: 1 }';
  return `${[
    `title: Do we go down at ${spike.factor} times the traffic, and stay down?`,
    'description: |',
    `  ${whatIsOffered(numbers)}`,
    `  From ${Object.entries(numbers)
      .map(([name, value]) => `${name}=${value}`)
      .join(',')}.`,
    `deadlineMs: ${deadlineMs} # a later answer is worthless; the client itself gives up after ${duration(longestMs(numbers))}, with all backoffs`,
    `drainMs: ${Math.max(10_000, deadlineMs)} # time for what is under way when the load ends`,
    '',
    'load:',
    phase('before', 1, beforeS),
    phase('spike', spike.factor, spike.forS),
    phase('after', 1, afterS),
    '',
    'downstream:',
    ...downstreamLines(numbers, inForce),
    '',
    '# Recovered: in each second of two seconds, 95 % complete in time.',
    'recovery: { overMs: 1000, heldMs: 2000 }',
    '',
    'variants:',
    ...variant('yours', ...retry()),
    ...(retries === 0 ? [] : variant('budget', ...retry(finagle))),
    ...variant(
      'bulkhead',
      ...retry(),
      `      - bulkhead: { concurrency: ${concurrent} } # further calls fail at once`,
    ),
    '',
    'hypothesis:',
    '  - goodput(yours, phase before) > 0.95',
    '  - metastable(yours, after phase spike) == 0',
  ].join('\n')}\n`;
}

/** Answer of a variant under an assumption. */
export interface OwnAnswer {
  readonly assumption: string;
  readonly variant: string;
  /** Share of the requests that complete in time, in the spike and in all. */
  readonly spike: number;
  readonly goodput: number;
  /** Time until it has recovered, in ms; null if it has not before the load ends. */
  readonly backAfterMs: number | null;
}

/** Simulates the experiment under each assumption, and with half the load, on all cores. */
export async function answersOf(
  numbers: OwnNumbers,
  onProgress: (done: number, of: number) => void,
): Promise<OwnAnswer[]> {
  const threads = new Threads<SimulationTask, readonly Figure[] | null>(labProgram('predict-thread'));
  const half = { ...numbers, rate: numbers.rate / 2 };
  const tasks = [
    ...assumptionNames.flatMap((name) => tasksOf(name, ownExperiment(numbers, name))),
    ...tasksOf('half the rate', ownExperiment(half)),
  ];
  let done = 0;
  try {
    return await Promise.all(
      tasks.map(async ({ assumption, variant, task }) => {
        const figures = (await threads.ask(task)) ?? [];
        onProgress(++done, tasks.length);
        const of = (metric: Parameters<typeof valueIn>[2], window?: string) =>
          valueIn({ figures }, variant, metric, window);
        return {
          ...{ assumption, variant, spike: of('goodput', 'phase spike') ?? Number.NaN },
          goodput: of('goodput') ?? Number.NaN,
          backAfterMs: of('timeToRecover', 'after phase spike'),
        };
      }),
    );
  } finally {
    await threads.close();
  }
}

/** Returns the simulations of the variants of an experiment. */
function tasksOf(assumption: string, source: string) {
  const { experiment } = readSource({ name: 'own', file: 'own', source }).file;
  return Object.keys(experiment.variants).map((variant) => {
    const own = onlyVariants(experiment, [variant]).experiment;
    const hypothesis = [`metastable(${variant}, after phase spike) == 0`];
    const task: SimulationTask = {
      ...{ experiment: { ...own, hypothesis }, overheads: {} },
      ...{ slowMotion: 1, withoutFaults: false },
    };
    return { assumption, variant, task };
  });
}
