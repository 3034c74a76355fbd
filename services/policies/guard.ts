import type { TSchema } from 'typebox';
import { type Clock, localClock } from '#kit/clock.ts';
import { randomSeed } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import { InvalidError, type Problem, refuse, within } from '#kit/schema/problems.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { classOf, onlyFor } from './class.ts';
import type { Attempt, CallOptions, GuardOptions, PolicyEvent } from './declared.d.ts';
import type { Definition } from './definitions.ts';
import * as definitions from './definitions.ts';
import type { Call, Policy, Surroundings, Work } from './policy.ts';

export { BreakerOpen } from './breaker.ts';
export { BudgetSpent } from './budget.ts';
export { BulkheadFull } from './bulkhead.ts';
export { DeadlineExceeded, TooLate } from './deadline.ts';
export { Rejected, TimedOut } from './policy.ts';
export { AttemptTimeout } from './timeout.ts';

// This is the export `spillway/policies`, with the types of `declared.d.ts`. It runs wherever there are timers and
// AbortSignal.

/** Policy with its options. `guard` builds it. */
export type Layer = (surroundings: Surroundings) => Policy;

/** Options with or without the fields that have defaults. */
type Given = Readonly<Record<string, unknown>>;

export const retry = (given: Given = {}): Layer => layer(definitions.retry, given);
export const breaker = (given: Given): Layer => layer(definitions.breaker, given);
export const bulkhead = (given: Given): Layer => layer(definitions.bulkhead, given);
export const timeout = (given: Given): Layer => layer(definitions.timeout, given);
export const deadline = (given: Given = {}): Layer => layer(definitions.deadline, given);

/** Checks options and returns the layer. Throws InvalidError. */
function layer<S extends TSchema>({ schema, create, problems }: Definition<S>, given: Given): Layer {
  const options = parser(schema)(given);
  refuse(problems?.(options) ?? []);
  const built: Layer = (surroundings) => onlyFor(classOf(options), create(options, surroundings));
  known.add(built);
  return built;
}

/** All layers, so that `guard` can refuse other values. */
const known = new WeakSet<object>();

const layers = { retry, breaker, bulkhead, timeout, deadline };

/** Returns the layers for the list `policies` of an experiment file. Throws InvalidError. */
export function fromExperiment(specs: readonly Given[]): Layer[] {
  refuse(listProblems(specs));
  const problems: Problem[] = [];
  const list = specs.flatMap((spec, index) => {
    const [name = '', ...more] = isRecord(spec) ? Object.keys(spec) : [];
    try {
      if (more.length === 0 && Object.hasOwn(layers, name))
        return [layers[name as keyof typeof layers](spec[name] as Given)];
      const message = `expected exactly one of ${Object.keys(layers).join(', ')}`;
      problems.push({ pointer: `/${index}`, message });
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      problems.push(...within(`/${index}/${name}`, error.problems));
    }
    return [];
  });
  refuse(problems);
  return list;
}

const callFields = ['signal', 'timeoutMs', 'id', 'class'];

/** Reports what would leave a call without its deadline unnoticed. */
function callProblems(attempt: unknown, options: CallOptions): Problem[] {
  const problems: Problem[] = [];
  if (typeof attempt !== 'function') problems.push({ pointer: '/attempt', message: 'expected a function' });
  for (const name in options) {
    const message = `unknown field, expected one of ${callFields.join(', ')}`;
    if (!callFields.includes(name)) problems.push({ pointer: `/${name}`, message });
  }
  const { timeoutMs = 0 } = options;
  if (!(typeof timeoutMs === 'number' && timeoutMs >= -Infinity))
    problems.push({ pointer: '/timeoutMs', message: `expected a number, got ${JSON.stringify(timeoutMs)}` });
  return problems;
}

const listProblems = (policies: unknown): Problem[] =>
  Array.isArray(policies) ? [] : [{ pointer: '/policies', message: 'expected a list' }];

interface Guarded extends Work {
  readonly attempt: Attempt<unknown>;
}

/** Makes an attempt of the caller. Policies return what it resolves with, whatever that is. */
const once = async (work: Work, signal: AbortSignal) => {
  work.attempts += 1;
  return (work as Guarded).attempt(signal, work.attempts) as Promise<string>;
};

/**
 * Returns a function that makes calls through the policies, outermost first. Its calls share the state of the policies,
 * so each dependency needs its own guard. A call has failed if it rejects. Throws InvalidError.
 */
export function guard(
  policies: readonly Layer[],
  options: GuardOptions & { readonly clock?: Clock } = {},
): <T>(attempt: Attempt<T>, options?: CallOptions) => Promise<T> {
  refuse(listProblems(policies));
  const others = policies.flatMap((policy, index) => (known.has(policy) ? [] : [`/policies/${index}`]));
  refuse(others.map((pointer) => ({ pointer, message: 'expected a policy, such as retry()' })));
  const { seed = randomSeed(), onEvent = () => undefined, clock = localClock } = options;
  // An error of `onEvent` must not stop a policy halfway, such as before a bulkhead frees its slot.
  const emit = (event: PolicyEvent) => {
    (async () => onEvent(event))().catch(() => undefined);
  };
  const call = policies.reduceRight<Call>((next, policy) => policy({ clock, seed, emit })(next), once);
  let calls = 0;
  return async <T>(attempt: Attempt<T>, options: CallOptions = {}): Promise<T> => {
    const {
      signal = new AbortController().signal,
      timeoutMs,
      id = String(calls++),
      class: ofClass,
    } = options;
    refuse(callProblems(attempt, options));
    signal.throwIfAborted();
    const callerDeadlineAtMs = timeoutMs === undefined ? undefined : clock.now() + timeoutMs;
    const work: Guarded = { id, body: '', attempts: 0, class: ofClass, callerDeadlineAtMs, attempt };
    return call(work, signal) as Promise<unknown> as Promise<T>;
  };
}
