import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { version } from '#kit/process/installation.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { ClientError } from '#lab/world/client-error.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { askClientThread } from '#lab/world/simulated/client/thread.ts';
import { bulkhead, guard } from '#policies/guard.ts';
import { Bench, NotMeasured, tooBusy, tooLong } from './bench.ts';
import { type Fact, type Observed, unknown, type Verdict } from './facts/fact.ts';
import { type FactName, factNames, facts } from './facts.ts';
import { type discoveries, type Profile, profileOf } from './probes.ts';
import type { Sequence } from './seen.ts';

/** Question to a thread: what to find out about a fresh client. */
export interface Question {
  readonly path: string;
  readonly isVirtual: boolean;
  /** Longest time of the scenario. */
  readonly limitMs: number;
  readonly discovery?: keyof typeof discoveries;
  readonly fact?: { readonly name: FactName; readonly scenario: number };
  readonly known?: Partial<Profile>;
}

interface ScenarioResult extends Observed {
  readonly sequence: Sequence;
}

export interface Answer extends ScenarioResult {
  /** Number of attempts that the dependency got. */
  readonly attempts: number;
  readonly found: Partial<Profile>;
  /** Error of the first call that failed. */
  readonly error?: string | undefined;
}

export interface FactResult extends Observed, Pick<Fact, 'title' | 'safe'> {
  readonly name: FactName;
  readonly scenarios: readonly ScenarioResult[];
}

export interface Conformity {
  readonly spillway: string;
  readonly client: string;
  /** True if the client ran in virtual time, false if it uses sockets of its own. */
  readonly isVirtual: boolean;
  readonly facts: readonly FactResult[];
}

/** Longest time for all facts in real time, and the time that threads then have to end. */
const realMs = 55_000;
const graceMs = 4000;
/** Longest time of a scenario in virtual time: two weeks. */
const virtualMs = 14 * 86_400_000;
/** Threads at the same time in real time, in which they mostly wait. */
const realThreads = 6;

interface Options {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

type Asked = Pick<Question, 'discovery' | 'fact' | 'known'>;

/** Finds the facts of a client. Rejects with InputError if it can't be loaded, hangs or makes no attempt. */
export async function examine(client: string, { signal, onProgress }: Options = {}): Promise<Conformity> {
  const over = new AbortController();
  const stop = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const endMs = systemClock.now() + realMs;
  const ask = async (isVirtual: boolean, asked: Asked, isAgain = false): Promise<Answer> => {
    const limitMs = isVirtual ? virtualMs : endMs - systemClock.now();
    if (limitMs <= 0) throw new NotMeasured(tooLong);
    const question = { path: resolve(client), isVirtual, limitMs, ...asked };
    const answer = await askClientThread<Question, Answer>(labProgram('conform-thread'), question, {
      isVirtual,
      signal: isVirtual ? stop : AbortSignal.any([stop, AbortSignal.timeout(Math.ceil(limitMs + graceMs))]),
    });
    return answer.text === tooBusy && !isAgain ? ask(isVirtual, asked, true) : answer;
  };
  try {
    const { isVirtual, profile, retry } = await profileBy(ask).catch((error: Error) => {
      throw error.name === 'client' ? new InputError(`${client}: ${error.message}`, { cause: error }) : error;
    });
    const known = profileOf(profile);
    const lanes = guard([
      bulkhead({ concurrency: isVirtual ? availableParallelism() : realThreads, queue: 100 }),
    ]);
    // It has neither a client nor time, so it gets as far as the profile answers.
    const idle = new Bench(isVirtual ? new VirtualClock() : systemClock, -1);
    let done = 0;
    const resultOf = async (name: FactName, scenario: number): Promise<ScenarioResult> => {
      try {
        const told = await facts[name].scenarios[scenario]!(idle, known).catch(unlessTooLong);
        if (told) return { ...told, sequence: name === 'defaults' ? retry : nothing };
        const fact = { name, scenario };
        const { verdict, text, sequence } = await lanes(() => ask(isVirtual, { fact, known: profile }));
        return { verdict, text, sequence };
      } catch (error) {
        stop.throwIfAborted();
        return { ...failed(error, isVirtual), sequence: nothing };
      } finally {
        onProgress?.(++done, scenarios);
      }
    };
    const factOfName = async (name: FactName) =>
      factOf(name, await Promise.all(facts[name].scenarios.map((_, scenario) => resultOf(name, scenario))));
    return {
      ...{ spillway: version, client, isVirtual },
      facts: await Promise.all(factNames.map(factOfName)),
    };
  } finally {
    over.abort();
  }
}

type Ask = (isVirtual: boolean, asked: Asked) => Promise<Answer>;

/**
 * Finds the policies of a client, and whether it makes its attempts by `send`, so that time can be virtual. In real time,
 * what takes too long stays unknown.
 */
async function profileBy(ask: Ask) {
  const first = await ask(true, { discovery: 'retry' }).catch((error: Error) => {
    if (!error.message.startsWith('not simulated')) throw error;
  });
  const isVirtual = first !== undefined && first.attempts > 0;
  const find = async (discovery: 'timeout' | 'limit' | 'breaker', known: Partial<Profile> = {}) =>
    ask(isVirtual, { discovery, known }).then(
      ({ found }) => found,
      (error) => {
        if (isVirtual) throw error;
        return {};
      },
    );
  const limitAndBreaker = async () => {
    const limit = await find('limit');
    return { ...limit, ...(await find('breaker', limit)) };
  };
  const [retry, ...others] = await Promise.all([
    isVirtual ? first : ask(false, { discovery: 'retry' }),
    find('timeout'),
    limitAndBreaker(),
  ]);
  if (retry.attempts > 0)
    return { isVirtual, profile: Object.assign({}, retry.found, ...others), retry: retry.sequence };
  const failed = retry.error ?? first?.error;
  throw new ClientError(
    'the client made no attempt: expected it to call send(signal), or url with the id of the request' +
      (failed === undefined ? '' : `. Its first call failed: ${failed}`),
  );
}

function unlessTooLong(error: Error): void {
  if (!error.message.endsWith(tooLong)) throw error;
}

const nothing: Sequence = { notes: [], calls: [], others: [] };

/** Returns an error outside of the calls as a fact, such as an unhandled rejection. Throws all others. */
function failed(error: unknown, isVirtual: boolean): Observed {
  const { name, message } = error as Error;
  if (error instanceof NotMeasured) return unknown(message);
  if (name === 'TimeoutError') return unknown(tooLong);
  if (name !== 'client') throw error;
  const [text = ''] = message.split('\n');
  // On a busy machine a thread may look like a client that hangs.
  const isOwn = isVirtual && !/^(not simulated|the client kept)/.test(text);
  return { verdict: isOwn ? 'unsafe' : 'unknown', text };
}

const scenarios = Object.values(facts).flatMap((fact) => fact.scenarios).length;

const worstFirst: readonly Verdict[] = ['unsafe', 'unknown', 'safe', 'none'];

function factOf(name: FactName, scenarios: readonly ScenarioResult[]): FactResult {
  const verdict = worstFirst.find((each) => scenarios.some((one) => one.verdict === each))!;
  const { title, safe } = facts[name];
  const shown = scenarios.filter((each) => each.verdict !== 'none' || verdict === 'none');
  const text = [...new Set(shown.map((each) => each.text))].join('; ');
  return { name, title, safe, verdict, text, scenarios };
}
