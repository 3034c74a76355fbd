import { getEventListeners } from 'node:events';
import type { Static, TSchema } from 'typebox';
import { parser } from '#kit/schema/parser.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { PolicyEvent } from '#policies/declared.d.ts';
import { Pipeline, pipeline } from '#policies/pipeline.ts';
import type { Call, Surroundings, Work } from '#policies/policy.ts';

/** Returns a policy's surroundings, and a list of the events that it emits. */
export function rig(seed = 1) {
  const clock = new VirtualClock();
  const events: PolicyEvent[] = [];
  const surroundings: Surroundings = { clock, seed, emit: (event) => events.push(event) };
  return { clock, events, surroundings };
}

/** Checks options and fills in the defaults, as the reader of an experiment file does. */
export const options = <S extends TSchema>(schema: S, value: object): Static<S> => parser(schema)(value);

/** Signal of a caller that never gives up. */
export const never = new AbortController().signal;

export const work = (id = 'r0'): Work => ({ id, body: '', attempts: 0 });

export const ok: string = '{"done":true}';

/** Returns a downstream whose attempts end with these answers in turn: with a text, or by throwing an error. */
export function script(...answers: (string | Error)[]): Call {
  let next = 0;
  return async (work) => {
    work.attempts += 1;
    const answer = answers[next++];
    if (answer === undefined) throw new Error('the script is over');
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

/** Returns a downstream, and its calls. The test ends each call. */
export function manual() {
  const calls: {
    work: Work;
    signal: AbortSignal;
    resolve: (answer: string) => void;
    reject: (error: Error) => void;
  }[] = [];
  const call: Call = (work, signal) => {
    work.attempts += 1;
    return new Promise((resolve, reject) => calls.push({ work, signal, resolve, reject }));
  };
  return { call, calls };
}

/** Returns a downstream that answers after `ms`, even if its signal is aborted. */
export const slow =
  (ms: number, clock: VirtualClock, answer: string | Error = ok): Call =>
  (work) => {
    work.attempts += 1;
    return new Promise((resolve, reject) => {
      clock.after(ms, () => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  };

/** Returns an object whose `result` is the promise's value or error, or 'pending' until then. */
export function watch(promise: Promise<unknown>): { readonly result: unknown } {
  const watched: { result: unknown } = { result: 'pending' };
  const end = (result: unknown) => {
    watched.result = result;
  };
  promise.then(end, end);
  return watched;
}

export const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Runs the promise reactions that are due now. `clock.advance` would also run the reactions that follow from them. */
export const microtask = (): Promise<void> => Promise.resolve();

/** Builds a pipeline around a call, on virtual time. */
export function piped(specs: object[], next: (clock: VirtualClock) => Call) {
  const { clock, events, surroundings } = rig();
  const call = pipeline(options(Pipeline, specs), surroundings)(next(clock));
  const start = (request = work(), signal = never) => watch(call(request, signal));
  const kinds = () => events.map((event) => (event.kind === 'breaker' ? event.state : event.kind));
  return { clock, events, start, kinds };
}
