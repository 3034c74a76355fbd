import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { version } from '#kit/process/installation.ts';
import { InputError } from '#lab/experiment/errors/input-error.ts';
import { labProgram } from '#lab/world/process/programs.ts';
import { askClientThread } from '#lab/world/simulated/client/thread.ts';
import type { Observed, Verdict } from './facts/fact.ts';
import { type FactName, factNames, facts } from './facts.ts';
import { type Discovery, discoveryGroups, type Profile } from './probes.ts';
import type { Sequence } from './seen.ts';

/** Question to a thread: what to find out about a fresh client. */
export interface Question {
  readonly path: string;
  readonly isVirtual: boolean;
  /** Longest time of the scenario. */
  readonly limitMs: number;
  readonly seed: number;
  readonly discovery?: Discovery;
  readonly fact?: { readonly name: FactName; readonly scenario: number };
  readonly known: Partial<Profile>;
}

/** Answer of a thread. `attempts` counts those that the dependency got. */
export interface Answer {
  readonly attempts: number;
  readonly found: Partial<Profile>;
  readonly observed: Observed;
  readonly sequence: Sequence;
  /** Error of the first call that failed. */
  readonly error?: string | undefined;
}

export interface ScenarioResult extends Observed {
  readonly sequence: Sequence;
}

export interface FactResult extends Observed {
  readonly name: FactName;
  readonly title: string;
  readonly safe: string;
  readonly scenarios: readonly ScenarioResult[];
}

/** Facts of a client. */
export interface Conformity {
  readonly spillway: string;
  readonly client: string;
  /** True if the client ran in virtual time, false if it uses sockets of its own. */
  readonly isVirtual: boolean;
  readonly facts: readonly FactResult[];
}

/** Longest time for all facts in real time. */
const realMs = 50_000;
/** Longest time of a scenario in virtual time: two weeks. */
const virtualMs = 14 * 86_400_000;
/** Threads at the same time in real time, in which they mostly wait. */
const realThreads = 6;

interface Options {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Finds the facts of a client. Rejects with InputError if it can't be loaded, hangs or makes no attempt. */
export async function examine(client: string, { signal, onProgress }: Options = {}): Promise<Conformity> {
  const path = resolve(client);
  const startedAtMs = systemClock.now();
  const ask = (isVirtual: boolean, question: Pick<Question, 'discovery' | 'fact' | 'known'>) => {
    const limitMs = isVirtual ? virtualMs : realMs - (systemClock.now() - startedAtMs);
    return askClientThread<Question, Answer>(
      labProgram('conform-thread'),
      { path, isVirtual, limitMs, seed: 1, ...question },
      { controlWithinMs: 20_000, ...(signal && { signal }) },
    );
  };
  const isVirtual = await worldOf((isVirtual) => ask(isVirtual, { discovery: 'retry', known: {} }));
  let profile: Partial<Profile> = {};
  for (const group of discoveryGroups) {
    const tasks = group.map((discovery) => () => ask(isVirtual, { discovery, known: profile }));
    const answers = await allOf(tasks, isVirtual);
    profile = Object.assign({}, profile, ...answers.map(({ found }) => found));
  }
  const scenarios = factNames.flatMap((name) =>
    facts[name].scenarios.map((_, scenario) => ({ name, scenario })),
  );
  let done = 0;
  const tasks = scenarios.map((fact) => async () => {
    const result = await ask(isVirtual, { fact, known: profile }).then(scenarioOf, (error) =>
      failedScenario(error, isVirtual),
    );
    onProgress?.(++done, scenarios.length);
    return { name: fact.name, result };
  });
  const results = await allOf(tasks, isVirtual);
  signal?.throwIfAborted();
  return {
    spillway: version,
    client,
    isVirtual,
    facts: factNames.map((name) =>
      factOf(
        name,
        results.filter((each) => each.name === name).map(({ result }) => result),
      ),
    ),
  };
}

const scenarioOf = ({ observed, sequence }: Answer): ScenarioResult => ({ ...observed, sequence });

/** Returns an error outside of the calls as a fact, such as an unhandled rejection. Throws all others. */
function failedScenario(error: unknown, isVirtual: boolean): ScenarioResult {
  const { name, message } = error as Error;
  if (name !== 'client') throw error;
  const [text = ''] = message.split('\n');
  // On a busy machine a thread may look like a client that hangs.
  const isOwn = isVirtual && !/^(not simulated|the client kept)/.test(text);
  const verdict = isOwn ? 'unsafe' : 'unknown';
  return { verdict, text, sequence: { notes: [], calls: [], others: [] } };
}

/** Returns true if the client makes its attempts by `send`, so that time can be virtual. */
async function worldOf(ask: (isVirtual: boolean) => Promise<Answer>): Promise<boolean> {
  let failed = '';
  for (const isVirtual of [true, false]) {
    try {
      const { attempts, error } = await ask(isVirtual);
      if (attempts > 0) return isVirtual;
      if (error !== undefined) failed = `. Its first call failed: ${error}`;
    } catch (error) {
      const { name, message } = error as Error;
      if (name !== 'client') throw error;
      if (!isVirtual || !message.startsWith('not simulated')) throw new InputError(message, { cause: error });
    }
  }
  throw new InputError(
    `the client made no attempt: expected it to call send(signal), or url with the id of the request${failed}`,
  );
}

const worstFirst: readonly Verdict[] = ['unsafe', 'unknown', 'safe', 'none'];

function factOf(name: FactName, scenarios: readonly ScenarioResult[]): FactResult {
  const verdict = worstFirst.find((each) => scenarios.some((one) => one.verdict === each))!;
  const { title, safe } = facts[name];
  const shown = scenarios.filter((each) => each.verdict !== 'none' || verdict === 'none');
  const text = [...new Set(shown.map((each) => each.text))].join('; ');
  return { name, title, safe, verdict, text, scenarios };
}

/** Runs tasks, some at the same time. Resolves with their results in order. */
async function allOf<T>(tasks: readonly (() => Promise<T>)[], isVirtual: boolean): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]!();
    }
  };
  await Promise.all(Array.from({ length: isVirtual ? availableParallelism() : realThreads }, work));
  return results;
}
