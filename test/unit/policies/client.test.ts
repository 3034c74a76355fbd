import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { UpstreamError } from '#kit/http-client/posted.ts';
import { openClient } from '#policies/client.ts';
import type { Client, ClientRequest } from '#policies/declared.d.ts';
import { type Call, Rejected, type Work } from '#policies/policy.ts';
import { manual, never, ok, rig, script } from './rig.ts';

const work = (id = 'r0'): Work => ({ id, body: `{"id":"${id}"}`, attempts: 0 });

async function open(client: Client, next: Call): Promise<Call> {
  const { clock } = rig();
  return (await openClient(client, 'http://127.0.0.1:1/work', clock))(next);
}

const empty: Client =
  ({ send }) =>
  ({ signal }) =>
    send(signal);

test('openClient passes a call on to the dependency, and its answer back', async () => {
  const call = await open(empty, script(ok));
  expect(await call(work(), never)).toBe(ok);
});

test('openClient gives each request its id, body and time left', async () => {
  const { clock } = rig();
  const seen: unknown[] = [];
  const client: Client = () => async (request) => {
    const { id, body, timeLeftMs } = request;
    seen.push({ id, body, timeLeftMs });
  };
  const call = (await openClient(client, '', clock))(script());
  await call({ ...work('r7'), callerDeadlineAtMs: clock.now() + 250 }, never);
  await call(work('r8'), never);
  expect(seen).toEqual([
    { id: 'r7', body: { id: 'r7' }, timeLeftMs: 250 },
    { id: 'r8', body: { id: 'r8' }, timeLeftMs: Infinity },
  ]);
});

test('openClient rejects with Rejected if the client ends a call without an attempt', async () => {
  const breaker: Client = ({ send }) => {
    let calls = 0;
    return async () => {
      calls += 1;
      if (calls === 2) throw new Error('the circuit is open');
      return send();
    };
  };
  const call = await open(breaker, script(ok));
  await call(work(), never);
  await expect(call(work(), never)).rejects.toThrow(new Rejected('client', 'the circuit is open'));
});

test('openClient rejects with UpstreamError after an attempt, with the status of the last one', async () => {
  const twice: Client =
    ({ send }) =>
    () =>
      send().catch(() => send());
  const call = await open(twice, script(new UpstreamError(500, 'a'), new UpstreamError(503, 'b')));
  const tried = work();
  await expect(call(tried, never)).rejects.toMatchObject({
    name: 'UpstreamError',
    status: 503,
    message: 'b',
  });
  expect(tried.attempts).toBe(2);
});

test('openClient counts a call as an attempt if the client has its own HTTP', async () => {
  const call = await open(() => async () => Promise.reject(new Error('ECONNRESET')), script());
  const tried = work();
  await expect(call(tried, never)).rejects.toThrow(UpstreamError);
  expect(tried.attempts).toBe(1);
});

test('openClient gives a client a new error for each attempt, without our class', async () => {
  const errors: unknown[] = [];
  const client: Client =
    ({ send }) =>
    async () => {
      for (let turn = 0; turn < 2; turn++) await send().catch((error) => errors.push(error));
    };
  const refusal = new UpstreamError(500, 'downstream answered 500');
  const reset = new Error('ECONNRESET');
  await (await open(client, script(refusal, new UpstreamError(0, 'broken', reset))))(work(), never);
  expect(errors).toEqual([Object.assign(new Error('downstream answered 500'), { status: 500 }), reset]);
  expect(errors[0]).not.toBeInstanceOf(UpstreamError);
});

/** Client with one slot. A call that ends starts the next one, in its own context. */
const queued = (start: (send: ClientSend, request: ClientRequest) => Promise<unknown>): Client => {
  return ({ send }) => {
    const waiting: (() => void)[] = [];
    let isBusy = false;
    return (request) =>
      new Promise((resolve, reject) => {
        const run = () => {
          isBusy = true;
          const end = () => {
            isBusy = false;
            waiting.shift()?.();
          };
          start(send, request).then(resolve, reject).finally(end);
        };
        if (isBusy) waiting.push(run);
        else run();
      });
  };
};
type ClientSend = Parameters<Client>[0]['send'];

test.each<[string, Parameters<typeof queued>[0]]>([
  ['its signal', (send, { signal }) => send(signal)],
  ['the request', (send, request) => send(new AbortController().signal, request)],
])(
  'openClient knows by %s which request an attempt is of, even if another one starts it',
  async (_by, start) => {
    const { call: next, calls } = manual();
    const call = await open(queued(start), next);
    const all = ['r1', 'r2', 'r3'].map((id) => call(work(id), never));
    for (let index = 0; index < 3; index++) {
      await Promise.resolve();
      calls[index]!.resolve(ok);
      await all[index];
    }
    expect(calls.map(({ work }) => work.id)).toEqual(['r1', 'r2', 'r3']);
  },
);

test('openClient aborts the attempt if the caller gives up, and leaves no listener', async () => {
  const { call: next, calls } = manual();
  const call = await open(empty, next);
  const caller = new AbortController();
  const called = call(work(), caller.signal);
  expect(calls[0]!.signal).toBe(caller.signal);
  calls[0]!.reject(new Error('gone'));
  await expect(called).rejects.toThrow('gone');
  expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
});

test('openClient gives a client a signal of Node that follows the caller', async () => {
  const caller = new AbortController();
  let signal: AbortSignal | undefined;
  const client: Client = () => async (request) => {
    signal = AbortSignal.any([request.signal]);
    caller.abort(new Error('the caller disconnected'));
  };
  await (await open(client, script()))(work(), caller.signal);
  expect(signal?.reason).toEqual(new Error('the caller disconnected'));
});

test('openClient refuses a client that returns no function', async () => {
  await expect(open((() => 7) as never, script())).rejects.toThrow(
    'expected a function of a request, got number',
  );
});
