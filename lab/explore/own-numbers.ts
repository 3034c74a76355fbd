import { sampleOf } from '#lab/conduct/sample.ts';
import { latenciesOf } from '#lab/experiment/limits/latency.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { readSource } from '#lab/experiment/read.ts';
import { number } from '#lab/experiment/text/format.ts';

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

/** Factor of the load in the spike, and spans in s of the phases. */
const spike = { factor: 5, beforeS: 5, forS: 10, afterS: 15 };

const timesOf = ({ p50, p99 }: OwnNumbers) => ({ kind: 'lognormal', p50Ms: p50, p99Ms: p99 }) as const;

const meanMsOf = (numbers: OwnNumbers): number =>
  latenciesOf({ model: { kind: 'fixed', latencyMs: 0, failureRatio: 0, times: timesOf(numbers) } }).meanMs;

/** Returns contradictions between the numbers. */
export function contradictions(numbers: OwnNumbers): string[] {
  const { p50, p99, concurrent, rate } = numbers;
  const problems = p99 < p50 ? [`p99=${p99} is below p50=${p50}: expected at least p50`] : [];
  const most = (concurrent * 1000) / meanMsOf(numbers);
  if (problems.length === 0 && rate > most)
    problems.push(
      `rate=${rate} is more than ${concurrent} at a time can do: with these latencies they complete at most ${number(most)} a second, so expected a rate below it, or concurrent=${Math.ceil((concurrent * rate) / most)}`,
    );
  return problems;
}

/** What a dependency can do with the calls that exceed what it handles at a time. */
interface Assumption {
  readonly words: string;
  model(numbers: OwnNumbers): object;
  readonly abandonOnAbort?: true;
}

const slower = (numbers: OwnNumbers): object => ({
  ...{ kind: 'congestion', capacityRps: 10 * numbers.concurrent, times: timesOf(numbers) },
  ...{ overloadLatencyMs: Math.round(meanMsOf(numbers)), failureRatio: 0, overloadFailureRatio: 0 },
});

const assumptions: Readonly<Record<string, Assumption>> = {
  queues: {
    words: 'further calls wait for their turn, also those whose callers have left',
    model: (numbers) => ({ kind: 'queue', servers: numbers.concurrent, times: timesOf(numbers) }),
  },
  refuses: {
    words: 'further calls fail at once',
    model: (numbers) => ({
      kind: 'queue',
      servers: numbers.concurrent,
      waitingMax: 0,
      times: timesOf(numbers),
    }),
  },
  'slows down': { words: 'all calls get slower, and go on when their callers have left', model: slower },
  cancels: {
    words: 'all calls get slower, and end when their callers leave',
    model: slower,
    abandonOnAbort: true,
  },
};

/** Returns the text of an experiment with a dependency under an assumption. */
export function ownExperiment(numbers: OwnNumbers, name: keyof typeof assumptions = 'queues'): string {
  const { rate, retries, timeout } = numbers;
  const { words, model, abandonOnAbort = false } = assumptions[name]!;
  const deadlineMs = Math.max(1000, (1 + retries) * timeout);
  const flow = (value: object) =>
    JSON.stringify(value)
      .replaceAll('"', '')
      .replaceAll(/([:,{])/g, '$1 ')
      .replaceAll('}', ' }');
  const phase = (phaseName: string, factor: number, seconds: number) =>
    `  - { name: ${phaseName}, arrivals: { kind: poisson, ratePerSecond: ${factor * rate}, forMs: ${seconds * 1000} } }`;
  return `title: Do we go down at ${spike.factor} times the traffic, and stay down?
deadlineMs: ${deadlineMs} # a request that completes later is worthless to its caller
load:
${phase('before', 1, spike.beforeS)}
${phase('spike', spike.factor, spike.forS)}
${phase('after', 1, spike.afterS)}
downstream:
  # ${words}
  model: ${flow(model(numbers))}
  abandonOnAbort: ${abandonOnAbort}
variants:
  yours:
    path: rpc
    policies:
      - retry: { maxRetries: ${retries} }
      - timeout: { ms: ${timeout} }
  no-retries:
    path: rpc
    policies: [timeout: { ms: ${timeout} }]
  budget:
    path: rpc
    policies:
      - retry: { maxRetries: ${retries}, budget: { kind: finagle, ratio: 0.1, minPerSecond: 1 } }
      - timeout: { ms: ${timeout} }
hypothesis:
  - goodput(yours, phase before) > 0.95
  - metastable(yours, after phase spike) == 0
`;
}

/** Answer under an assumption: goodput of each variant in the spike and after it. */
export interface OwnAnswer {
  readonly assumption: string;
  readonly variants: readonly { readonly name: string; readonly spike: number; readonly after: number }[];
}

/** Simulates the experiment under each assumption. */
export async function answersOf(numbers: OwnNumbers): Promise<OwnAnswer[]> {
  const answers: OwnAnswer[] = [];
  for (const assumption of Object.keys(assumptions)) {
    const source = ownExperiment(numbers, assumption);
    const { file } = readSource({ name: 'own', file: 'own', source });
    const { figures } = await sampleOf(file, file.experiment.seed);
    answers.push({
      assumption,
      variants: Object.keys(file.experiment.variants).map((name) => goodputs(figures, name)),
    });
  }
  return answers;
}

function goodputs(figures: readonly Figure[], variant: string): OwnAnswer['variants'][number] {
  const of = (window: string) =>
    figureAt(figures, { variant, metric: 'goodput', window })?.value ?? Number.NaN;
  return { name: variant, spike: of('phase spike'), after: of('phase after') };
}
